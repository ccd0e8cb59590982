"""Made-up devices."""

import random
from pathlib import Path

import pytest

from qlue.demo.sensors.devices import CYCLE_S, flood_height, measure_values, simulated_devices
from qlue.demo.sensors.load import load_devices, load_history
from qlue.kit.db import fetch_value
from qlue.things.alarms.watch import watch_once
from qlue.things.imports.values import DeviceFault
from qlue.things.models import Device, Profile

PACKS = Path(__file__).parents[3] / "packs"


def test_the_packs_devices_are_loaded_once_with_a_quiet_past(makassar):
    for _ in range(2):
        assert load_devices(makassar, PACKS / "makassar") == 30
    assert Device.objects.filter(city_id=makassar.id, area=None).count() == 0
    assert len(simulated_devices(makassar)) == 30
    assert load_history(makassar) > 5000
    assert load_history(makassar) == 0
    from qlue.kit.db import enter_every_city

    enter_every_city()
    watch_once()
    assert fetch_value("SELECT count(*) FROM things_alarm") == 0


def test_dry_days_raise_no_alarm_at_any_hour(makassar):
    load_devices(makassar, PACKS / "makassar")
    dice = random.Random(2)
    for device in simulated_devices(makassar):
        for ladder in Device.objects.get(key=device.key).alarm_rules():
            said = [measure_values(device, hour * 3600, 0.0, dice)[ladder.field] for hour in range(24 * 30)]
            assert max(said) < min(step.at for step in ladder.steps), device.key


def test_a_faulty_pack_names_its_lines(makassar, tmp_path):
    (tmp_path / "things.csv").write_text("key,name,profile,lat,lon\na-1,A,muka-air,119.4,-5.1\n")
    with pytest.raises(DeviceFault, match=r"things.csv:2: .*swapped|tertukar"):
        load_devices(makassar, tmp_path)


def test_a_flood_climbs_through_all_levels_and_ebbs(makassar):
    load_devices(makassar, PACKS / "makassar")
    dice, worst = random.Random(1), set()
    for device in simulated_devices(makassar):
        if device.kind == "muka-air":
            steps = Device.objects.get(key=device.key).alarm_rules()[0].steps
            for second in range(0, int(CYCLE_S), 30):
                level = measure_values(device, second, flood_height(second), dice)["level_cm"]
                worst |= {step.level for step in steps if level >= step.at}
            assert measure_values(device, 0, flood_height(CYCLE_S - 1), dice)["level_cm"] < steps[0].clear
    assert worst == {1, 2, 3, 4}


def test_kinds_are_there_for_every_city(tomohon):
    load_devices(tomohon, PACKS / "tomohon")
    assert set(Profile.objects.values_list("slug", flat=True)) >= {"muka-air", "hujan", "udara", "pju", "bak-sampah"}
