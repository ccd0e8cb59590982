"""Profiles: those every city has from the start, and what administrators make of them."""

from dataclasses import dataclass

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.people.models import Membership
from qlue.things.models import Profile
from qlue.things.profiles.definitions import JsonColumn, to_json_column
from qlue.things.profiles.standard import STANDARD_PROFILES
from qlue.things.states import SensorEvent
from qlue.timeline.actions import record_event
from qlue.timeline.records.payloads import ProfilePayload


@dataclass(frozen=True)
class ProfileColumns:
    """What administrators make of a profile, by its columns; both lists as `to_json_column` makes them."""

    name: str
    fields: JsonColumn
    ladders: JsonColumn


def ensure_profiles(city: CityFacts) -> dict[str, Profile]:
    """The city's profiles by slug; standard ones that it lacks are added."""
    profiles = {profile.slug: profile for profile in Profile.objects.filter(city_id=city.id)}
    for standard in STANDARD_PROFILES:
        if standard.slug not in profiles:
            columns = {
                "name": standard.name,
                "icon": standard.icon,
                "fields": to_json_column(standard.fields),
                "ladders": to_json_column(standard.rules),
            }
            # Two first visits at once: the second one finds what the first has made.
            profiles[standard.slug], _is_new = Profile.objects.get_or_create(
                city_id=city.id, slug=standard.slug, defaults=columns
            )
    return profiles


def save_profile(*, city: CityFacts, profile: Profile, columns: ProfileColumns, actor: Membership) -> Profile:
    """Changes a profile; listeners notice within seconds and have its devices sign in anew."""
    with transaction.atomic():
        profile.name, profile.fields, profile.ladders = columns.name, columns.fields, columns.ladders
        profile.city_id, profile.updated_at = city.id, now()
        profile.save()
        record_event(
            city_id=city.id,
            kind=SensorEvent.PROFILE_CHANGED,
            actor_id=actor.user_id,
            actor_role=actor.role,
            public=False,
            data=ProfilePayload(profile=profile.slug),
        )
    return profile
