"""What people say of a device, whether in the form or in a file."""

from collections.abc import Mapping
from dataclasses import dataclass

from qlue.things.models import Profile
from qlue.things.profiles.definitions import JsonColumn


@dataclass(frozen=True, kw_only=True)
class DeviceAttributes:
    """The columns of `models.Device` that people set; its key stays for life and is no part of them.

    `steps`: by field, the thresholds of this place where they differ from the profile's, as `to_json_column`
    makes them.
    """

    profile: Profile
    name: str
    lon: float
    lat: float
    place: str
    expected_s: int
    steps: Mapping[str, JsonColumn]
    active: bool = True
