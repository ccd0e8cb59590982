"""From a fresh clone to a working copy: `.venv`, locked packages, the front end, compiled translations.

Needs nothing but the Python (>= 3.11) that runs it. A step whose inputs did not change is skipped, so a second run
takes no time. Without options it installs what tests need too.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV, LOCKS, FRONT, ROOMS = (ROOT / name for name in (".venv", "requirements", "frontend", "qlue"))
BIN = VENV / "bin"
NODE_NEEDED = (20, 19)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
APT = "apt-get -qq update && apt-get -qq -y --no-install-recommends install chromium"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--production", action="store_true", help="without what only tests need")
    parser.add_argument("--core", action="store_true", help="without that and without the optional parts")
    parser.add_argument("--browser", action="store_true", help="install Chromium for the journeys, where possible")
    wanted = parser.parse_args()
    if sys.version_info < (3, 11):  # noqa: UP036 - make may have found an old one
        sys.exit("Qlue needs Python 3.11 or newer; say which with `make PYTHON=python3.12 ...`")
    node = [] if has_node() else [LOCKS / "node.txt"]
    os.environ |= {"VIRTUAL_ENV": str(VENV), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    tested = not wanted.production or (BIN / "pytest").exists()  # what serves tests serves production too
    install_packages([LOCKS / f"{'base' if wanted.core else 'dev' if tested else 'all'}.txt", *node])
    build_front_end()
    words = sorted(ROOMS.glob("*/locale/*/LC_MESSAGES/django.po"))
    step("translations", words, [po.with_suffix(".mo") for po in words], ["python", "tools/messages.py", "compile"])
    if wanted.browser and not any(map(shutil.which, BROWSERS)) and (os.geteuid() or subprocess.call(APT, shell=True)):
        print("\nNO BROWSER: journeys (tests in a real browser) will be SKIPPED. Debian: apt-get install chromium\n")


def has_node() -> bool:
    """A Node of the system's own, new enough for Vite; else the one from a wheel is used."""
    path = os.pathsep.join(folder for folder in os.environ["PATH"].split(os.pathsep) if folder != str(BIN))
    node = shutil.which("npm", path=path) and shutil.which("node", path=path)
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout if node else ""
    return tuple(map(int, re.findall(r"\d+", version)[:2])) >= NODE_NEEDED


def install_packages(locks: list[Path]) -> None:
    """uv comes by pip; it installs exactly what the lock files name, and the checkout itself."""
    step("environment", [], [BIN / "python"], [sys.executable, "-m", "venv", str(VENV)])
    pip = ["python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    step("uv", [LOCKS / "uv.txt"], [BIN / "uv"], [*pip, "-r", str(LOCKS / "uv.txt")])
    sync = ["uv", "pip", "sync", "--quiet", "--require-hashes", *map(str, locks)]
    checkout = ["uv", "pip", "install", "--quiet", "--no-deps", "--editable", "."]
    step("packages", [*locks, ROOT / "pyproject.toml"], [BIN / "qlue"], sync, checkout)


def build_front_end() -> None:
    """Templates are sources too: styles and icons that no page names are left out of the build."""
    npm = ["npm", "--prefix", str(FRONT), "--loglevel=error"]
    lists = [FRONT / "package.json", FRONT / "package-lock.json"]
    step("front-end packages", lists, [FRONT / "node_modules"], [*npm, "ci", "--no-audit", "--no-fund"])
    sources = [path for path in FRONT.rglob("*") if path.is_file() and "node_modules" not in path.parts]
    sources += [*ROOMS.rglob("*.html"), *ROOMS.rglob("*.py"), *(ROOT / "packs").rglob("*.csv")]
    built = ROOMS / "web" / "static" / "built" / "assets.json"
    step("front end", sorted(sources), [built], [*npm, "run", "build", "--", "--logLevel", "warn"])


def step(name: str, inputs: Iterable[Path], made: Iterable[Path], *commands: list[str]) -> None:
    """Runs the commands, unless they have run on these inputs and what they made is still there."""
    total = hashlib.sha256(repr(commands).encode())
    for file in inputs:
        total.update(str(file).encode() + file.read_bytes())
    stamp = VENV / "stamps" / name
    if stamp.exists() and stamp.read_text() == total.hexdigest() and all(path.exists() for path in made):
        return
    print(f"{name} ...", flush=True)
    for command in commands:
        if subprocess.run(command, cwd=ROOT).returncode:
            sys.exit(f"failed: {' '.join(command)}")
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(total.hexdigest())


if __name__ == "__main__":
    main()
