"""From a fresh clone to a working copy: `.venv`, locked packages, the front end, compiled translations.

Needs nothing but the Python (>= 3.11) that runs it. A step whose inputs did not change is skipped, so a second run
takes no time. `--production` leaves the tools for tests out; `--browser` sees that the journeys have a browser.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
STAMPS = VENV / "stamps"
FRONT = ROOT / "frontend"
BUILT = ROOT / "qlue" / "web" / "static" / "built"
LOCKS = ROOT / "requirements"
NODE_NEEDED = (20, 19)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NO_BROWSER = """
**********************************************************************************
  NO BROWSER: the journeys (tests in a real browser) will be SKIPPED.
  Install Chromium (Debian: apt-get install chromium) and run `make journeys`.
**********************************************************************************
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--production", action="store_true", help="without what only tests need")
    parser.add_argument("--browser", action="store_true", help="install Chromium for the journeys, where possible")
    wanted = parser.parse_args()
    if sys.version_info < (3, 11):  # noqa: UP036 - make may have found an old one
        sys.exit("Qlue needs Python 3.11 or newer; say which with `make PYTHON=python3.12 ...`")
    started = time.monotonic()
    steps = [
        make_environment,
        lambda: install_packages(wanted.production),
        link_project,
        build_front_end,
        compile_words,
    ]
    for step in steps:
        step()
    if wanted.browser:
        find_browser()
    if time.monotonic() - started > 1:
        say(f"set up in {time.monotonic() - started:.0f} s")


def make_environment() -> None:
    if not (BIN / "python").exists():
        run("making .venv", [sys.executable, "-m", "venv", str(VENV)], hint="Debian: apt-get install python3-venv")
    stamp = digest([LOCKS / "uv.txt"])
    if stamped("uv") != stamp or not (BIN / "uv").exists():
        pip = [str(BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run("installing uv", [*pip, "--require-hashes", "-r", str(LOCKS / "uv.txt")])
        put_stamp("uv", stamp)


def install_packages(production: bool) -> None:
    """Exactly what the lock files name. What was set up for tests serves production too."""
    for kind in ("base", "dev") if production else ("dev",):
        if stamped("packages") == f"{kind} {digest(lock_files(kind))}":
            return
    kind = "base" if production else "dev"
    files = lock_files(kind)
    sync = [str(BIN / "uv"), "pip", "sync", "--quiet", "--require-hashes", "--python", str(BIN / "python")]
    run("installing Python packages", [*sync, *map(str, files)])
    put_stamp("packages", f"{kind} {digest(files)}")


def lock_files(kind: str) -> list[Path]:
    files = [LOCKS / f"{kind}.txt"]
    return files if has_node() else [*files, LOCKS / "node.txt"]


def has_node() -> bool:
    """A Node of the system's own, new enough for Vite; else the one from a wheel is used."""
    node, npm = system_program("node"), system_program("npm")
    if not node or not npm:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
    return version >= NODE_NEEDED


def system_program(name: str) -> str | None:
    path = os.pathsep.join(entry for entry in os.environ["PATH"].split(os.pathsep) if entry != str(BIN))
    return shutil.which(name, path=path)


def link_project() -> None:
    """What an editable install does, without a build: the folder on the path and the command `qlue`."""
    packages = next((VENV / "lib").glob("python3*/site-packages"))
    (packages / "qlue-checkout.pth").write_text(f"{ROOT}\n")
    command = BIN / "qlue"
    text = f"#!{BIN / 'python'}\nimport sys\nfrom qlue.runtime.cli import main\nsys.exit(main())\n"
    if not command.exists() or command.read_text() != text:
        command.write_text(text)
        command.chmod(0o755)


def build_front_end() -> None:
    if not (FRONT / "package.json").exists():
        return
    npm = (system_program("npm") if has_node() else None) or str(BIN / "npm")
    packages = digest([FRONT / "package.json", FRONT / "package-lock.json"])
    if stamped("npm") != packages or not (FRONT / "node_modules").exists():
        run("installing front-end packages", [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], FRONT)
        put_stamp("npm", packages)
    sources = digest(front_end_sources())
    if stamped("front-end") != sources or not (BUILT / "assets.json").exists():
        run("building the front end", [npm, "run", "build"], FRONT)
        put_stamp("front-end", sources)


def front_end_sources() -> list[Path]:
    """Templates too: styles and icons that no page names are left out of the build."""
    own = [path for path in FRONT.rglob("*") if path.is_file() and "node_modules" not in path.parts]
    pages = [*(ROOT / "qlue").rglob("*.html"), *(ROOT / "qlue").rglob("*.py"), *(ROOT / "packs").rglob("*.csv")]
    return sorted(own + pages)


def compile_words() -> None:
    sources = sorted((ROOT / "qlue").glob("*/locale/*/LC_MESSAGES/django.po"))
    if any(
        not po.with_suffix(".mo").exists() or po.stat().st_mtime > po.with_suffix(".mo").stat().st_mtime
        for po in sources
    ):
        run("compiling translations", [str(BIN / "python"), str(ROOT / "tools" / "messages.py"), "compile"])


def find_browser() -> None:
    """Journeys skip themselves without a browser; say so where nobody can overlook it."""
    if any(map(shutil.which, BROWSERS)):
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        if try_run("asking for Debian's packages", ["apt-get", "update", "-qq"], quiet) and try_run(
            "installing Chromium", ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], quiet
        ):
            return
    say(NO_BROWSER)


# Stamps: what a step was made from


def digest(files: Iterable[Path]) -> str:
    total = hashlib.sha256(sysconfig.get_python_version().encode())
    for file in files:
        total.update(str(file.relative_to(ROOT)).encode())
        total.update(file.read_bytes() if file.exists() else b"")
    return total.hexdigest()


def stamped(name: str) -> str:
    stamp = STAMPS / name
    return stamp.read_text() if stamp.exists() else ""


def put_stamp(name: str, text: str) -> None:
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(text)


# Running and telling


def run(words: str, command: Sequence[str], folder: Path = ROOT, hint: str = "") -> None:
    if not try_run(words, command, {}, folder):
        sys.exit(f"failed: {' '.join(command)}\n{hint}".rstrip())


def try_run(words: str, command: Sequence[str], extra: dict[str, str], folder: Path = ROOT) -> bool:
    """Run quietly while the seconds tick; show what it said only when it fails."""
    started, shown = time.monotonic(), 0
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    log = STAMPS.parent / "last-step.log" if VENV.exists() else ROOT / ".last-step.log"
    print(f"{words} ...", end="", flush=True)
    with log.open("wb") as output:
        environment = {**os.environ, "PATH": path, **extra}
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, env=environment)
        while process.poll() is None:
            time.sleep(0.05)
            if time.monotonic() - started > (shown + 1) * 5:
                shown += 1
                print(".", end="", flush=True)
    print(f" {time.monotonic() - started:.1f} s", flush=True)
    if process.returncode:
        say("\n".join(log.read_text(errors="replace").splitlines()[-40:]))
    log.unlink()
    return process.returncode == 0


def say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    main()
