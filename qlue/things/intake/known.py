"""What must be known of a device to judge its messages; read once when it connects."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from qlue.things.shapes import Field, fields_of

CLIENT = re.compile(r"([a-z0-9][a-z0-9-]{0,62})\.([a-z0-9][a-z0-9_-]{0,39})")
FIND = """
SELECT d.id, d.city_id, c.slug, d.key, p.fields::text, d.token_hash
FROM things_device d JOIN cities_city c ON c.id = d.city_id JOIN things_profile p ON p.id = d.profile_id
WHERE c.slug = %s AND d.key = %s AND d.active
"""


@dataclass(frozen=True)
class Known:
    """A device as the intake sees it; `city` is the slug, `fields` by name."""

    id: int
    city_id: int
    city: str
    key: str
    fields: Mapping[str, Field]

    @property
    def client_id(self) -> str:
        return f"{self.city}.{self.key}"

    @property
    def topic(self) -> str:
        """Where it publishes."""
        return f"qlue/{self.city}/{self.key}/readings"

    @property
    def commands(self) -> str:
        """Where it hears."""
        return f"qlue/{self.city}/{self.key}/commands"


def hashed(token: bytes) -> str:
    return hashlib.sha256(token).hexdigest()


def known(row: tuple[Any, ...]) -> tuple[Known, str]:
    """A row of FIND as a device and the hash of its token."""
    fields = fields_of(msgspec.json.decode(row[4]))
    return Known(row[0], row[1], row[2], row[3], {one.name: one for one in fields}), str(row[5])
