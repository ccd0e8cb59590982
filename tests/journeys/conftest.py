"""A whole Qlue, started as its users start it, and a real browser in front of it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.stage import free_ports

ROOT = Path(__file__).parents[2]
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--no-sandbox --disable-quic --no-first-run --disable-background-networking --disable-component-update"
    " --disable-sync --enable-unsafe-swiftshader --disable-dev-shm-usage"
)
SIZES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1440, "height": 900}}
PASSWORD = "demo-qlue-kota"  # noqa: S105 - the packs' public demo password
READY_S = 90
PATIENCE_S = 180

if BROWSER is None:
    collect_ignore_glob = ["test_*.py"]
    sys.stderr.write("\n*** NO BROWSER: the journeys are not run. Install Chromium to run them. ***\n")


@dataclass
class Served:
    """A running Qlue."""

    url: str
    home: Path
    process: subprocess.Popen[str]
    gateway: int  # a port where a test may be a provider; pictures and push may come from there


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home, port, gateway = tmp_path_factory.mktemp("home"), free_ports(), free_ports()
    packs = [word for name in ("makassar", "tomohon") for word in ("--pack", str(ROOT / "packs" / name))]
    process = qlue(home, "up", "--port", str(port), *packs, QLUE_MEDIA_HOSTS=f"127.0.0.1:{gateway}")
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("ready "), f"qlue up said: {line!r}"
        for name in ("makassar", "tomohon"):
            assert qlue(home, "user", "load", str(ROOT / "packs" / name)).wait(PATIENCE_S) == 0
        yield Served(f"http://127.0.0.1:{port}", home, process, gateway)
    finally:  # also when it never became ready: nothing is left running
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)


def qlue(home: Path, *words: str, **more: str) -> subprocess.Popen[str]:
    """A command on this home, started."""
    strangers = ("QLUE_DATABASE_URL", "QLUE_APP_DATABASE_URL", "QLUE_SECRET_KEY", "QLUE_HOME")
    environment = {name: value for name, value in os.environ.items() if name not in strangers} | more
    environment["QLUE_VISION_FETCH"] = "0"  # nobody fetches a detector for a test
    command = [sys.executable, "-m", "qlue.runtime.cli", "--home", str(home), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS.split())
        yield chromium
        chromium.close()


Open = Callable[..., Any]


@pytest.fixture
def visit(served: Served, browser: Any) -> Iterator[Open]:
    """`visit("/makassar/", "phone")` opens a page in a context of its own; script errors fail the test."""
    contexts, faults = [], []

    def opened(path: str, size: str = "phone", **options: Any) -> Any:
        context = browser.new_context(viewport=SIZES[size], locale="id-ID", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on("console", lambda said: faults.append(f"{page.url}: {said.text}") if _is_fault(said) else None)
        page.goto(served.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def _is_fault(said: Any) -> bool:
    return said.type == "error" and "Content Security Policy" in said.text


@pytest.fixture
def signed_in(visit: Open) -> Open:
    """`signed_in("petugas.dlh", "/makassar/kerja/")`: a page after signing in as a demo member."""

    def enter(username: str, path: str, size: str = "phone") -> Any:
        page = visit(f"/akun/masuk/?next={path}", size)
        page.fill("input[name=login]", username)
        page.fill("input[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(f"**{path}")
        return page

    return enter


def faults_of(page: Any) -> list[str]:
    """What axe-core finds against WCAG 2.2 AA on a page."""
    from axe_playwright_python.sync_playwright import Axe

    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{one['id']}: {json.dumps(one['nodes'][0]['html'])[:200]}" for one in found]


def overflow(page: Any) -> int:
    """Pixels by which a page is wider than its window; 0 is right."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
