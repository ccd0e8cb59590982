"""Verbs: give a program a key, take it back."""

import secrets

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from qlue.channels.models import ApiKey
from qlue.channels.reading import hash_of
from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import in_city


def make_key(city: CityFacts, name: str) -> str:
    """A new key for the program `name`; it can be read now and never again. Raises ValidationError."""
    key = f"{city.slug}_{secrets.token_urlsafe(32)}"
    made = ApiKey(city_id=city.id, name=name.strip(), hash=hash_of(key), created_at=now())
    with transaction.atomic(), in_city(city.id):
        if ApiKey.objects.filter(city_id=city.id, name=made.name).exists():
            raise ValidationError(_("There already is a key named %(name)s.") % {"name": made.name})
        made.full_clean(exclude=["city"], validate_constraints=False)
        made.save()
    return key


def end_key(city: CityFacts, name: str) -> bool:
    """Takes a program's key back; False when there is none with this name that still worked."""
    with in_city(city.id):
        return ApiKey.objects.filter(city_id=city.id, name=name, active=True).update(active=False) > 0
