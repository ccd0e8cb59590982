"""Keys of programs, known by their hash only."""

from hashlib import sha256

from qlue.channels.models import ApiKey
from qlue.cities.facts import CityFacts
from qlue.kit.db import in_city


def hash_key(key: str) -> str:
    """What is stored of a key. Unsalted: a key is 256 random bits, so no table of hashes could hold it."""
    return sha256(key.encode()).hexdigest()


def find_api_key(city: CityFacts, key: str) -> ApiKey | None:
    """The row of this key; None for unknown, ended and other cities' keys alike. In the city's scope."""
    return ApiKey.objects.filter(city_id=city.id, hash=hash_key(key), active=True).first()


def api_keys(city: CityFacts) -> list[ApiKey]:
    """All keys of a city, the ended ones too."""
    with in_city(city.id):
        return list(ApiKey.objects.filter(city_id=city.id).order_by("name"))
