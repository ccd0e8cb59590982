"""The home: the one folder where an installation keeps its database, files, logs and secret key."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from qlue.kit.locks import holder, take_lock


class HomeError(Exception):
    """The home cannot be used; the words say why."""


def choose(given: str | None = None) -> Path:
    """The folder asked for, else `QLUE_HOME`, else the nearest `.qlue` at or above this folder, else `~/.qlue`."""
    if given or os.environ.get("QLUE_HOME"):
        return Path(given or os.environ["QLUE_HOME"]).expanduser().resolve()
    here = Path.cwd()
    near = [folder / ".qlue" for folder in (here, *here.parents) if (folder / ".qlue" / "secret").exists()]
    return near[0] if near else Path.home() / ".qlue"


def prepare(home: Path) -> Path:
    """The folder, with those inside that hold residents' photos and words; nobody else on the machine reads them."""
    home = home.expanduser().resolve()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for inside in ("files", "logs"):
        (home / inside).mkdir(mode=0o700, exist_ok=True)
    return home


@contextmanager
def hold(path: Path, refusal: str) -> Iterator[None]:
    """Hold a lock for as long as the block runs; refuse, naming the holder, when somebody else has it."""
    lock = take_lock(path)
    if lock is None:
        raise HomeError(f"{refusal} (process {holder(path)})")
    with lock:
        yield


def enter(home: Path) -> None:
    """Put what this home says into the environment of this process; what the environment says already wins."""
    for name, value in settings_of(home).items():
        os.environ.setdefault(name, value)
    os.environ["QLUE_HOME"] = str(home)
    os.environ.setdefault("QLUE_SECRET_KEY", secret_key(home))


def settings_of(home: Path) -> dict[str, str]:
    """`NAME=value` lines of the home's `qlue.env`, for what every command should know."""
    file = home / "qlue.env"
    lines = file.read_text().splitlines() if file.exists() else []
    pairs = [line.strip().split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#")]
    return {name.strip(): value.strip() for name, value in pairs}


def secret_key(home: Path) -> str:
    """Made once; signs sessions and links, and the app's database password follows from it."""
    file = home / "secret"
    if not file.exists():
        draft = home / f"secret.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        with suppress(FileExistsError):  # another command was faster; its key holds
            file.hardlink_to(draft)
        draft.unlink()
    return file.read_text().strip()
