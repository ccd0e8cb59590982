"""Kinds of devices: those every city has from the start, and what administrators make of them."""

from typing import Any

from django.db import transaction

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.people.models import Membership
from qlue.things.models import Profile
from qlue.things.shapes import Field, Ladder, Step, plain
from qlue.timeline.actions import record

SIAGA = (Step(4, 150, 140), Step(3, 200, 190), Step(2, 250, 240), Step(1, 300, 290))
BATTERY = Field(9, "battery_v", "Baterai", "V", 0, 30, 2)
STANDARD: dict[str, tuple[str, str, tuple[Field, ...], tuple[Ladder, ...]]] = {
    "muka-air": (
        "Tinggi muka air",
        "ripple",
        (Field(1, "level_cm", "Tinggi muka air", "cm", -100, 1500, 0), BATTERY),
        (Ladder("level_cm", SIAGA, True, 60, "potensi-banjir", 3),),
    ),
    "hujan": (
        "Curah hujan",
        "cloud-rain",
        (Field(1, "rain_mm_h", "Curah hujan", "mm/jam", 0, 400, 1), BATTERY),
        (Ladder("rain_mm_h", (Step(4, 20, 10), Step(3, 50, 30), Step(2, 100, 70)), True, 300),),
    ),
    "udara": (
        "Kualitas udara",
        "wind",
        (
            Field(1, "pm25", "PM2,5", "µg/m³", 0, 1000, 0),
            Field(2, "temp_c", "Suhu", "°C", -5, 60, 1),
            Field(3, "humidity", "Kelembapan", "%", 0, 100, 0),
        ),
        (Ladder("pm25", (Step(4, 56, 45), Step(3, 151, 120), Step(2, 251, 200)), True, 900),),
    ),
    "pju": (
        "Lampu jalan (PJU)",
        "bulb",
        (Field(1, "power_w", "Daya", "W", 0, 2000, 0), Field(2, "fault", "Gangguan", "", 0, 1, 0)),
        (Ladder("fault", (Step(4, 1, 0),), True, 120, "pju-rusak", 4),),
    ),
    "bak-sampah": (
        "Bak sampah",
        "trash",
        (Field(1, "fill", "Isi", "%", 0, 100, 0), BATTERY),
        (Ladder("fill", (Step(4, 90, 60),), True, 600, "sampah", 4),),
    ),
}


def ensure_profiles(city: CityFacts) -> dict[str, Profile]:
    """The city's kinds of devices by slug; those of the standard that it lacks are added."""
    known = {one.slug: one for one in Profile.objects.filter(city_id=city.id)}
    for slug, (name, icon, fields, ladders) in STANDARD.items():
        if slug not in known:
            facts = {"name": name, "icon": icon, "fields": plain(fields), "ladders": plain(ladders)}
            known[slug], _new = Profile.objects.get_or_create(city_id=city.id, slug=slug, defaults=facts)
    return known


def save_profile(*, city: CityFacts, profile: Profile, given: dict[str, Any], by: Membership) -> Profile:
    """Changes a kind of device; listeners hear of it within seconds."""
    with transaction.atomic():
        for name, value in given.items():
            setattr(profile, name, value)
        profile.city_id, profile.updated_at = city.id, now()
        profile.save()
        told = {"profile": profile.slug}
        record(city_id=city.id, kind="device.kind", actor_id=by.user_id, actor_role=by.role, public=False, data=told)
    return profile
