"""A pytest plugin (`-p tests.postgres_plugin`): PostgreSQL stands before pytest-django reads the settings.

`QLUE_DATABASE_URL` names any other server's database to test on instead; `QLUE_TEST_HOME` keeps the embedded one.
"""

import os
import tempfile
from pathlib import Path

from qlue.runtime import postgres, roles

SECRET = "only-for-building-and-tests"


def _embedded(home: Path) -> postgres.Server:
    server = postgres.start_server(home)
    roles.provision_embedded(server.url("postgres", "postgres"), SECRET, "qlue_test")
    os.environ["QLUE_DATABASE_URL"] = server.url("qlue_test")
    return server


def _prepare() -> postgres.Server | None:
    home = Path(os.environ.get("QLUE_TEST_HOME") or tempfile.mkdtemp(prefix="qlue-test-"))
    os.environ["QLUE_HOME"], os.environ["QLUE_SECRET_KEY"] = str(home), SECRET
    os.environ.pop("QLUE_APP_DATABASE_URL", None)
    os.environ.pop("QLUE_ROLE", None)
    if url := os.environ.get("QLUE_DATABASE_URL"):
        roles.provision(url, SECRET)
        return None
    return _embedded(home)


_server = _prepare()


def pytest_unconfigure() -> None:
    """The server ends with the run."""
    if _server:
        postgres.stop_server(_server)
