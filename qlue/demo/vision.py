"""Two cameras of the demo. Their streets are drawn by us and played in a loop; what is seen in them is real work."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings

from qlue.cities.facts import CityFacts
from qlue.kit.parts import installed
from qlue.vision.actions import Address, Given, keep_camera, keep_marks, read_marks
from qlue.vision.models import Camera

# name, seed of its street, degrees east and north of the city's centre
CAMERAS = {
    "makassar": (
        ("Demo: Jl. Gambar Utara (gambar)", 7, 0.0042, 0.0031),
        ("Demo: Jl. Gambar Selatan (gambar)", 11, -0.0087, -0.0102),
    )
}
MARKS = {
    "lines": [
        {"name": "Jalan", "points": [[0.5, 1.0], [0.5, 0.58]]},
        {"name": "Trotoar", "points": [[0.5, 0.57], [0.5, 0.35]]},
    ],
    "zones": [
        {"name": "Tepi jalan", "kind": "parking", "seconds": 15,
         "points": [[0, 0.55], [1, 0.55], [1, 0.74], [0, 0.74]]},
        {"name": "Trotoar sisi toko", "kind": "crowd", "limit": 6, "seconds": 5,
         "points": [[0, 0.36], [1, 0.36], [1, 0.56], [0, 0.56]]},
        {"name": "Badan jalan", "kind": "road", "limit": 4, "seconds": 10,
         "points": [[0, 0.57], [1, 0.57], [1, 1], [0, 1]]},
    ],
}  # fmt: skip


def seed(city: CityFacts) -> None:
    """Registers the cameras, where they can be read, and begins to draw their films; until then they are in BACKOFF."""
    if not installed("cameras"):
        return
    videos = Path(settings.HOME) / "videos"
    videos.mkdir(parents=True, exist_ok=True)
    for name, number, east, north in CAMERAS.get(city.slug, ()):
        file = f"demo-{city.slug}-{number}.mp4"
        if not (videos / file).exists():
            subprocess.Popen([sys.executable, "-m", "qlue.demo.street", str(videos / file), str(number)])
        if not Camera.objects.filter(city_id=city.id, name=name).exists():
            given = Given(name, "file", Address(f"file:{file}", ""), city.lon + east, city.lat + north)
            keep_marks(city, None, keep_camera(city, None, given), read_marks(MARKS))


def turn(city: CityFacts, tick: int) -> None:
    """The streets live by themselves."""
