"""`[auto]` of city.toml: its defaults, what older versions stored, and words for every value that does not fit."""

import msgspec
import pytest
from django.utils import translation

from qlue.cities.actions import load_pack
from qlue.cities.pack.schema import CitySettings
from qlue.cities.pack.toml_file import fits, is_table, reason_of
from qlue.cities.records import AutoSettings, CallStep, stored_auto
from qlue.cities.tests.builder import CITY, known, pack


def test_what_a_pack_leaves_out_has_its_default(db, tmp_path):
    load_pack(pack(tmp_path / "contoh", city_toml=CITY + "[auto]\nconfirm_days = 3\ncamera_reports = ['crowd']"))
    auto = known("contoh").auto
    assert (auto.confirm_days, auto.camera_reports) == (3, ("crowd",))
    assert (auto.outside_days, auto.proof_metres, auto.hand_over_hours) == (14, 150, 8.0)
    assert auto.emergency[0] == CallStep(0, "duty")


def test_what_an_older_version_stored_breaks_nothing():
    stored = {"proof_days": "x", "escalation": [{"hours": 1}], "route": ["dlh"], "gone": 1, "score_least": 2.5}
    assert stored_auto(stored) == AutoSettings(route=("dlh",))


@pytest.mark.parametrize("days", [0, -1, "x", None, 400])
def test_a_confirmation_that_was_switched_off_stays_off(days):
    assert stored_auto({"confirm_days": days}).confirm_days == 0


def fields(kind):
    for field in msgspec.structs.fields(kind):
        if is_table(field.type):
            yield from fields(field.type)
        else:
            yield kind, field


@pytest.mark.parametrize(("kind", "field"), list(fields(CitySettings)), ids=lambda part: getattr(part, "name", None))
def test_every_value_that_does_not_fit_has_a_reason_in_both_languages(kind, field):
    assert not fits(object(), field.type)
    reasons = []
    for language in ("en", "id"):
        with translation.override(language):
            reasons.append(reason_of(kind, field.name))
    assert reasons[0] != reasons[1]
    assert not any("%(" in reason for reason in reasons)
