"""The programs that `qlue up` runs, with their command lines."""

import argparse
import os
import sys
from pathlib import Path

from qlue.kit.parts import installed
from qlue.runtime.processes import Child

LOW_PRIORITY = ("nice", "-n", "10")  # on a busy machine pages come before notices, models and pictures
# procrastinate misses a notification that comes while it fetches, as when one job defers the next.
QUEUE_POLL_S = "0.5"
FIRST_CHILDREN = 2  # web and live stream; the others start once these answer, for two cores have enough to do


def make_children(home: Path, options: argparse.Namespace) -> list[Child]:
    """What runs, in the order it starts: first what people see. It stops in tiers (see `stop_all`)."""
    python = [sys.executable, "-m"]
    logs = home / "logs"
    web = ["granian", "qlue.wsgi:application", "--interface", "wsgi", "--workers", "1", "--no-ws", "--http", "1"]
    web += ["--host", options.host, "--port", str(options.port), "--backlog", "2048", "--backpressure", "512"]
    web += ["--blocking-threads", str(web_threads()), "--workers-kill-timeout", "5", "--log-level", "warning"]
    live = ["uvicorn", "qlue.runtime.live:app", "--host", options.host, "--port", str(options.port + 1)]
    live += ["--no-access-log", *proxy_options(os.environ.get("QLUE_TRUSTED_PROXIES", ""))]
    live += ["--http", "httptools", "--log-level", "warning", "--timeout-graceful-shutdown", "1", "--lifespan", "on"]
    worker = ["django", "procrastinate", "worker", "--concurrency", "4", "--fetch-job-polling-interval", QUEUE_POLL_S]
    mqtt_host, mqtt_port = sensor_address(options)
    things = [*python, "django", "things"]
    children = [
        Child("web", python + web, logs / "web.log"),
        Child("live stream", python + live, logs / "live.log"),
        Child("worker", [*LOW_PRIORITY, *python, *worker], logs / "worker.log"),
        Child("followers", [*python, "django", "follow"], logs / "followers.log"),
        Child("sensors", [*things, "listen", "--host", mqtt_host, "--port", str(mqtt_port)], logs / "sensors.log"),
        Child("sensor watch", [*things, "watch"], logs / "sensor-watch.log"),
    ]
    node = Child("cameras", [*LOW_PRIORITY, *python, "django", "vision", "node"], logs / "cameras.log", patience=6)
    children += [node] if installed("cameras") else []
    if options.demo:
        speak = [*LOW_PRIORITY, *things, "simulate", "--host", mqtt_host, "--port", str(mqtt_port)]
        children += (
            [Child("made-up sensors", speak, logs / "made-up-sensors.log")] if has_made_up_sensors(options) else []
        )
        demo = [*LOW_PRIORITY, *python, "django", "demo"]
        children.append(Child("demo", demo, logs / "demo.log", patience=3, loud=True))
    return children


def has_made_up_sensors(options: argparse.Namespace) -> bool:
    """True when a pack brings made-up sensors."""
    return any((pack / "things.csv").exists() for pack in options.pack)


def proxy_options(addresses: str) -> list[str]:
    return ["--forwarded-allow-ips", addresses] if addresses else ["--no-proxy-headers"]


def web_threads() -> int:
    """Requests mostly wait for PostgreSQL; more threads than this would only queue for Python's lock."""
    return min(max(4 * (os.cpu_count() or 2), 8), 16)


def sensor_address(options: argparse.Namespace) -> tuple[str, int]:
    """Where sensors connect by MQTT: QLUE_MQTT (host:port), else the second port above the web's, on this machine."""
    host, _colon, port = os.environ.get("QLUE_MQTT", "").rpartition(":")
    return (host or "127.0.0.1", int(port)) if port.isdecimal() else ("127.0.0.1", options.port + 2)


def sensor_tls_address() -> tuple[str, int] | None:
    """Where they connect with TLS: QLUE_MQTT_TLS (host:port); the listener reads it and its two files itself."""
    host, _colon, port = os.environ.get("QLUE_MQTT_TLS", "").rpartition(":")
    return (host or "127.0.0.1", int(port)) if port.isdecimal() else None
