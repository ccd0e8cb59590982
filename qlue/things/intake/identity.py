"""Who a device is: what the intake must know of it to check its token and its readings."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from qlue.cities.records import CITIES
from qlue.things.profiles.definitions import Field, parse_fields

# `city.device`: a city's slug holds no dot, so the first one parts them.
CLIENT_ID = re.compile(r"([a-z0-9][a-z0-9-]{0,62})\.([a-z0-9][a-z0-9_-]{0,39})")
FIND_DEVICE = f"""
SELECT d.id, d.city_id, c.slug AS city, d.key, p.fields::text AS fields, d.token_hash
FROM things_device d JOIN {CITIES} AS c ON c.id = d.city_id JOIN things_profile p ON p.id = d.profile_id
WHERE c.slug = %s AND d.key = %s AND d.active
"""


@dataclass(frozen=True)
class DeviceIdentity:
    """A device as the intake sees it, read once when it connects; `city` is the slug, `fields` by name."""

    id: int
    city_id: int
    city: str
    key: str
    fields: Mapping[str, Field]

    @property
    def client_id(self) -> str:
        return f"{self.city}.{self.key}"

    @property
    def readings_topic(self) -> str:
        """The only topic to which it may publish."""
        return f"qlue/{self.city}/{self.key}/readings"

    @property
    def commands_topic(self) -> str:
        """The only topic to which it may subscribe."""
        return f"qlue/{self.city}/{self.key}/commands"


def hash_token(token: bytes) -> str:
    """SHA-256 without salt: a token is 160 random bits, which no dictionary holds."""
    return hashlib.sha256(token).hexdigest()


@dataclass(frozen=True)
class DeviceCredentials:
    """A row of FIND_DEVICE: a device with the hash of its token, `fields` as JSON text."""

    id: int
    city_id: int
    city: str
    key: str
    fields: str
    token_hash: str

    def has_token(self, token: bytes) -> bool:
        return hmac.compare_digest(hash_token(token), self.token_hash)

    def identity(self) -> DeviceIdentity:
        """The device without the hash, which nothing needs once the token was found right."""
        fields = {field.name: field for field in parse_fields(msgspec.json.decode(self.fields))}
        return DeviceIdentity(self.id, self.city_id, self.city, self.key, fields)
