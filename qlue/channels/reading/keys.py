"""Questions about keys."""

from hashlib import sha256

from qlue.channels.models import ApiKey
from qlue.cities.facts import CityFacts
from qlue.kit.db import in_city


def hash_of(key: str) -> str:
    """What is stored of a key."""
    return sha256(key.encode()).hexdigest()


def holder(city: CityFacts, key: str) -> ApiKey | None:
    """Whose key this is in this city; None for unknown, ended and other cities' keys alike. In the city's scope."""
    return ApiKey.objects.filter(city_id=city.id, hash=hash_of(key), active=True).first()


def keys(city: CityFacts) -> list[ApiKey]:
    """All keys of a city, the ended ones too."""
    with in_city(city.id):
        return list(ApiKey.objects.filter(city_id=city.id).order_by("name"))
