"""Keys of programs: create one, end one."""

import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from qlue.channels.models import ApiKey
from qlue.channels.queries import hash_key
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import in_city


def create_api_key(city: CityFacts, name: str) -> str:
    """A new key for the program `name`; it can be read now and never again. Raises ValidationError."""
    key = f"{city.slug}_{secrets.token_urlsafe(32)}"
    api_key = ApiKey(city_id=city.id, name=name.strip(), hash=hash_key(key), created_at=now())
    with transaction.atomic(), in_city(city.id):
        if ApiKey.objects.filter(city_id=city.id, name=api_key.name).exists():
            raise ValidationError(_("There already is a key named %(name)s.") % {"name": api_key.name})
        # The name was looked up above, with a better message than the constraint's.
        api_key.full_clean(exclude=["city"], validate_constraints=False)
        api_key.save()
    return key


def end_api_key(city: CityFacts, name: str) -> bool:
    """Takes a program's key back; False when there is none with this name that still worked."""
    with in_city(city.id):
        return ApiKey.objects.filter(city_id=city.id, name=name, active=True).update(active=False) > 0
