"""The database that a command works on, for as long as the command takes."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qlue.runtime import postgres, roles


@contextmanager
def database(home: Path) -> Iterator[None]:
    """The database while the block runs: the one set by QLUE_DATABASE_URL, that of a running `up`, or our own."""
    if os.environ.get("QLUE_DATABASE_URL"):
        yield
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    server = postgres.start(home)
    try:
        use(server)
        yield
    finally:
        postgres.stop(server, wait_for_guests=True)


def use(server: postgres.Server) -> None:
    """Prepare the embedded server and name it in the environment."""
    secret = os.environ["QLUE_SECRET_KEY"]
    if server.process is not None:
        roles.provision_embedded(server.url("postgres", postgres.SUPERUSER), secret)
    os.environ["QLUE_DATABASE_URL"] = server.url()
