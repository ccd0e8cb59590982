"""Starts one command so that it ends with its parent, and as another user where root is not allowed.

Run by path in a bare interpreter (`python -I -S launch.py SIGNAL PARENT IDENTITY -- COMMAND...`), never imported:
between fork and exec Python code may deadlock in a process with threads, an interpreter of its own may not.

SIGNAL    number sent to the command when the parent dies, even by kill -9 (Linux only; 0 for none)
PARENT    the parent's process id, to notice that it died before we could ask
IDENTITY  `-` as we are; `ns:UID` as UID of a new user namespace, still the same user outside; `user:UID:GID` as that
          user
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1


def enter_namespace(uid: int) -> None:
    """Root may not run PostgreSQL, but root may become somebody else in a namespace and still own its files."""
    libc = ctypes.CDLL(None, use_errno=True)
    outer, group = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not allowed here")
    # The kernel takes a group map only after this.
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outer} 1")
    Path("/proc/self/gid_map").write_text(f"{uid} {group} 1")


def become_user(uid: int, gid: int) -> None:
    # In this order: without root neither groups nor group could be given up any more.
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def change_identity(identity: str) -> None:
    kind, *numbers = identity.split(":")
    if kind == "ns":
        enter_namespace(int(numbers[0]))
    elif kind == "user":
        become_user(int(numbers[0]), int(numbers[1]))


def end_with(parent: int, signal: int) -> None:
    """Ask the kernel; comes after every change of user, which would make it forget."""
    if signal and sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)
        # The parent may have died before the kernel was asked; then nothing would ever be sent.
        if os.getppid() != parent:
            sys.exit("the process that started this one is gone")


def launch() -> None:
    signal, parent, identity, _, *command = sys.argv[1:]
    try:
        change_identity(identity)
        end_with(int(parent), int(signal))
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"cannot start {command[0]}: {error}")


if __name__ == "__main__":
    launch()
