"""The database that a command works on, for as long as the command takes."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qlue.runtime import postgres, roles


@contextmanager
def running_database(home: Path) -> Iterator[None]:
    """The database while the block runs: the one set by QLUE_DATABASE_URL, that of a running `up`, or our own."""
    if os.environ.get("QLUE_DATABASE_URL"):
        yield
        return
    # As an exception, so that the server is stopped on the way out; 143 is what a shell reports for SIGTERM.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    server = postgres.start_server(home)
    try:
        use_server(server)
        yield
    finally:
        postgres.stop_server(server, wait_for_guests=True)


def use_server(server: postgres.Server) -> None:
    """Prepares the embedded server and sets QLUE_DATABASE_URL to it."""
    secret = os.environ["QLUE_SECRET_KEY"]
    # Whoever started the server has prepared it.
    if server.process is not None:
        roles.provision_embedded(server.url("postgres", postgres.SUPERUSER), secret)
    os.environ["QLUE_DATABASE_URL"] = server.url()
