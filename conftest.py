"""One PostgreSQL for the whole run, migrated once, with both cities loaded; tests sign in as the app's role.

`db` rolls back (pytest-django). `committed_db` is for what needs several connections or real commits: it empties
the tables of daily life afterwards, as the owner.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

ROOT = Path(__file__).parent
# Everything but migrations' own rows, cities with their packs, and accounts; only tables that hold something.
EMPTY = """
DO $$ DECLARE name regclass; filled boolean; BEGIN
  FOR name IN SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
      AND NOT relispartition AND relname !~ '^(django|auth|account|cities)_|^people_(user|membership)' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', name) INTO filled;
    IF filled THEN EXECUTE format('TRUNCATE %s CASCADE', name); END IF;
  END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def owner_url() -> str:
    return os.environ["QLUE_DATABASE_URL"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any, owner_url: str) -> None:
    """No test database beside the database: migrate as the owner, load the packs, once."""
    migrate = [sys.executable, "-m", "django", "migrate", "-v0"]
    environment = os.environ | {"QLUE_ROLE": "owner", "DJANGO_SETTINGS_MODULE": "qlue.settings"}
    subprocess.run(migrate, check=True, env=environment)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(EMPTY)
    with django_db_blocker.unblock():
        from qlue.cities.actions import load_pack
        from qlue.cities.facts import clear_facts

        for pack in ("makassar", "tomohon"):
            load_pack(ROOT / "packs" / pack)
        clear_facts()
        from django.db import connection

        connection.close()


def _entered(slug: str) -> Any:
    from qlue.cities.facts import city_facts
    from qlue.kit.db import enter_city

    city = city_facts(slug)
    assert city
    enter_city(city.id)
    return city


@pytest.fixture
def makassar(db: None) -> Any:
    """Makassar's facts; the connection is in its scope."""
    return _entered("makassar")


@pytest.fixture
def tomohon(db: None) -> Any:
    """Tomohon's facts; the connection is in its scope."""
    return _entered("tomohon")


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: Any, owner_url: str) -> Iterator[None]:
    """Real commits; afterwards the owner empties the tables of daily life."""
    from django.db import connection

    with django_db_blocker.unblock():
        yield
        connection.close()
        with psycopg.connect(owner_url, autocommit=True) as owner:
            owner.execute(EMPTY)


@pytest.fixture(autouse=True)
def _quick_passwords_and_own_files(settings: Any, tmp_path: Path) -> None:
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    from qlue.kit import rate  # Django is not set up when this file is read

    rate.drop_local_counts()
