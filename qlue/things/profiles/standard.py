"""The kinds of devices that every city has from the start; a city may change them and add its own."""

from dataclasses import dataclass

from qlue.things.profiles.definitions import AlarmRule, Field, Threshold

# The four alert levels of an Indonesian river gauge, in cm; each gauge overrides them with the levels of its place.
SIAGA = (Threshold(4, 150, 140), Threshold(3, 200, 190), Threshold(2, 250, 240), Threshold(1, 300, 290))
BATTERY = Field(9, "battery_v", "Baterai", "V", 0, 30, 2)


@dataclass(frozen=True)
class StandardProfile:
    """A kind of device as it is first stored for a city."""

    slug: str
    name: str
    icon: str
    fields: tuple[Field, ...]
    rules: tuple[AlarmRule, ...]


STANDARD_PROFILES = (
    StandardProfile(
        "muka-air",
        "Tinggi muka air",
        "ripple",
        (Field(1, "level_cm", "Tinggi muka air", "cm", -100, 1500, 0), BATTERY),
        (AlarmRule("level_cm", SIAGA, True, 60, "potensi-banjir", 3),),
    ),
    StandardProfile(
        "hujan",
        "Curah hujan",
        "cloud-rain",
        (Field(1, "rain_mm_h", "Curah hujan", "mm/jam", 0, 400, 1), BATTERY),
        (AlarmRule("rain_mm_h", (Threshold(4, 20, 10), Threshold(3, 50, 30), Threshold(2, 100, 70)), True, 300),),
    ),
    StandardProfile(
        "udara",
        "Kualitas udara",
        "wind",
        (
            Field(1, "pm25", "PM2,5", "µg/m³", 0, 1000, 0),
            Field(2, "temp_c", "Suhu", "°C", -5, 60, 1),
            Field(3, "humidity", "Kelembapan", "%", 0, 100, 0),
        ),
        # PM2.5 bounds of Indonesia's air pollution index (ISPU): 56 unhealthy, 151 very unhealthy, 251 hazardous.
        (AlarmRule("pm25", (Threshold(4, 56, 45), Threshold(3, 151, 120), Threshold(2, 251, 200)), True, 900),),
    ),
    StandardProfile(
        "pju",
        "Lampu jalan (PJU)",
        "bulb",
        (Field(1, "power_w", "Daya", "W", 0, 2000, 0), Field(2, "fault", "Gangguan", "", 0, 1, 0)),
        (AlarmRule("fault", (Threshold(4, 1, 0),), True, 120, "pju-rusak", 4),),
    ),
    StandardProfile(
        "bak-sampah",
        "Bak sampah",
        "trash",
        (Field(1, "fill", "Isi", "%", 0, 100, 0), BATTERY),
        (AlarmRule("fill", (Threshold(4, 90, 60),), True, 600, "sampah", 4),),
    ),
)
