"""Two cameras of the demo. Their streets are drawn and played in a loop; detecting and counting in them is real."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings

from qlue.cities.facts import CityFacts
from qlue.kit.parts import installed
from qlue.vision.actions import Address, CameraInput, read_marks, save_camera, save_marks
from qlue.vision.models import Camera

# name, seed of its street, degrees east and north of the city's centre
CAMERAS = {
    "makassar": (
        ("Demo: Jl. Gambar Utara (gambar)", 7, 0.0042, 0.0031),
        ("Demo: Jl. Gambar Selatan (gambar)", 11, -0.0087, -0.0102),
    )
}
# Corners as shares of the picture, as drawn in demo/street.py.
KERB = [[0, 0.55], [1, 0.55], [1, 0.74], [0, 0.74]]
PAVEMENT = [[0, 0.36], [1, 0.36], [1, 0.56], [0, 0.56]]
ROAD = [[0, 0.57], [1, 0.57], [1, 1], [0, 1]]
MARKS = {
    "lines": [
        {"name": "Jalan", "points": [[0.5, 1.0], [0.5, 0.58]]},
        {"name": "Trotoar", "points": [[0.5, 0.57], [0.5, 0.35]]},
    ],
    "zones": [
        {"name": "Tepi jalan", "kind": "parking", "seconds": 15, "points": KERB},
        {"name": "Trotoar sisi toko", "kind": "crowd", "limit": 6, "seconds": 5, "points": PAVEMENT},
        {"name": "Badan jalan", "kind": "road", "limit": 4, "seconds": 10, "points": ROAD},
    ],
}


def seed_cameras(city: CityFacts) -> None:
    """Registers the cameras, where they can be read, and begins to draw their films; until then they are in BACKOFF."""
    if not installed("cameras"):
        return
    videos = Path(settings.HOME) / "videos"
    videos.mkdir(parents=True, exist_ok=True)
    for name, number, east, north in CAMERAS.get(city.slug, ()):
        file = f"demo-{city.slug}-{number}.mp4"
        if not (videos / file).exists():
            # In a process of its own, for drawing takes minutes and nobody waits for it.
            subprocess.Popen([sys.executable, "-m", "qlue.demo.street", str(videos / file), str(number)])
        if not Camera.objects.filter(city_id=city.id, name=name).exists():
            camera = CameraInput(name, "file", Address(f"file:{file}", ""), city.lon + east, city.lat + north)
            save_marks(city, None, save_camera(city, None, camera), read_marks(MARKS))
