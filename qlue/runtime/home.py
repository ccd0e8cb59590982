"""The home: the one folder where an installation keeps its database, files, logs and secret key."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from qlue.kit.locks import lock_holder, take_lock


class HomeError(Exception):
    """The home cannot be used; the text says why."""


def choose_home(option: str | None = None) -> Path:
    """The folder asked for, else `QLUE_HOME`, else the nearest `.qlue` at or above this folder, else `~/.qlue`."""
    if option or os.environ.get("QLUE_HOME"):
        return Path(option or os.environ["QLUE_HOME"]).expanduser().resolve()
    folder_now = Path.cwd()
    near = [folder / ".qlue" for folder in (folder_now, *folder_now.parents) if (folder / ".qlue" / "secret").exists()]
    return near[0] if near else Path.home() / ".qlue"


def prepare_home(home: Path) -> Path:
    """Makes the folder, and those inside for photos and logs; nobody else on the machine may read them."""
    home = home.expanduser().resolve()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for inside in ("files", "logs"):
        (home / inside).mkdir(mode=0o700, exist_ok=True)
    return home


@contextmanager
def hold_lock(path: Path, refusal: str) -> Iterator[None]:
    """Holds a lock while the block runs; raises HomeError, naming the holder, when another process has it."""
    lock = take_lock(path)
    if lock is None:
        raise HomeError(f"{refusal} (process {lock_holder(path)})")
    with lock:
        yield


def enter_home(home: Path) -> None:
    """Puts the home's settings into the environment of this process; variables that are set already win."""
    for name, value in home_settings(home).items():
        os.environ.setdefault(name, value)
    os.environ["QLUE_HOME"] = str(home)
    os.environ.setdefault("QLUE_SECRET_KEY", secret_key(home))


def home_settings(home: Path) -> dict[str, str]:
    """`NAME=value` lines of the home's `qlue.env`, for what every command should know."""
    file = home / "qlue.env"
    lines = file.read_text().splitlines() if file.exists() else []
    pairs = [line.strip().split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#")]
    return {name.strip(): value.strip() for name, value in pairs}


def secret_key(home: Path) -> str:
    """The key that signs sessions and links, and from which the app's database password follows; made once."""
    file = home / "secret"
    if not file.exists():
        # Written beside and linked: no other command ever reads half a key.
        draft = home / f"secret.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        # FileExistsError: another command was faster, and its key counts.
        with suppress(FileExistsError):
            file.hardlink_to(draft)
        draft.unlink()
    return file.read_text().strip()
