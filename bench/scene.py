"""`qlue bench scene FOLDER`: how well photos of one scene are told from photos of others.

FOLDER holds pictures of different scenes, each of which is also made to look as after work and from another standpoint,
and, as NAMEa.EXT and NAMEb.EXT (or 1 and 2, L and R), pairs of one scene. No database. `strangers` pairs of different
scenes agree in `most_strangers` places at most; of `pairs` real pairs and of `revisits` made ones `pairs_found` and
`revisits_found` are recognised; `describe_ms` and `match_ms` are CPU time of one picture and of one pair.
"""

import random
import time
from collections.abc import Sequence
from io import BytesIO
from itertools import combinations
from pathlib import Path

from PIL import Image, ImageEnhance

from bench.figures import Figures, show
from qlue.kit.scene import LEAST_CORNERS, SAME_SCENE_FROM, SceneFeatures, count_common_places, describe_scene

ENDS = (("1", "2"), ("1", "3"), ("A", "B"), ("a", "b"), ("L", "R"))
PICTURES = (".jpg", ".png")
LEAST_SIDE = 300


def main(words: Sequence[str]) -> int:
    """Prints the figures."""
    if len(words) != 1 or not Path(words[0]).is_dir():
        print(__doc__)
        return 2
    show(measured(Path(words[0])), as_json=True)
    return 0


def measured(folder: Path) -> Figures:
    """All figures of a folder's pictures."""
    paths = sorted(path for path in folder.iterdir() if path.suffix in PICTURES)
    pairs = [pair for path in paths if (pair := _pair(path))]
    seconds = {path for _, path in pairs}
    start = time.process_time()
    known = {path: one for path in paths if (one := _read(path)) and len(one.places) >= LEAST_CORNERS}
    middle = time.process_time()
    alone = [path for path in known if path not in seconds and not _is_series(path, paths)]
    strangers = [count_common_places(known[one], known[other]) or 0 for one, other in combinations(alone, 2)]
    end = time.process_time()
    real = [
        count_common_places(known[one], known[other]) or 0 for one, other in pairs if one in known and other in known
    ]
    dice = random.Random(3)  # noqa: S311 - made pictures
    again = [count_common_places(known[path], _revisited(path, dice)) or 0 for path in alone]
    return {
        "pictures": len(known),
        "strangers": len(strangers),
        "most_strangers": max(strangers, default=0),
        "pairs": len(real),
        "pairs_found": sum(n >= SAME_SCENE_FROM for n in real),
        "revisits": len(again),
        "revisits_found": sum(n >= SAME_SCENE_FROM for n in again),
        "describe_ms": round(1000 * (middle - start) / max(len(paths), 1), 1),
        "match_ms": round(1000 * (end - middle) / max(len(strangers), 1), 1),
    }


def _pair(path: Path) -> tuple[Path, Path] | None:
    others = (path.with_stem(path.stem[:-1] + last) for first, last in ENDS if path.stem.endswith(first))
    found = next((other for other in others if other.exists()), None)
    return (path, found) if found else None


def _is_series(path: Path, paths: Sequence[Path]) -> bool:
    """One of many takes of the same thing, such as a calibration: neither stranger nor pair."""
    return sum(other.stem.rstrip("0123456789") == path.stem.rstrip("0123456789") for other in paths) > 3


def _read(path: Path) -> SceneFeatures | None:
    with Image.open(path) as image:
        return describe_scene(_jpeg(image.convert("RGB"))) if min(image.size) >= LEAST_SIDE else None


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.thumbnail((800, 800))
    image.save(out, "JPEG", quality=60)
    return out.getvalue()


def _revisited(path: Path, dice: random.Random) -> SceneFeatures:
    """A part of the picture is another one now, the camera stands elsewhere, the light has changed."""
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    image.thumbnail((800, 800))
    w, h = image.size
    part = (int(w * 0.3), int(h * 0.45), int(w * 0.75), int(h * 0.95))
    image.paste(image.crop(part).transpose(Image.Transpose.ROTATE_180), part[:2])
    corners = zip((0, 0, 0, h, w, h, w, 0), (w, h) * 4, strict=True)
    moved = [edge + size * dice.uniform(-0.1, 0.1) for edge, size in corners]
    out = image.transform((w, h), Image.Transform.QUAD, moved, Image.Resampling.BICUBIC)
    return describe_scene(_jpeg(ImageEnhance.Brightness(out).enhance(dice.uniform(0.6, 1.5))))
