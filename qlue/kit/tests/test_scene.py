"""Two photos of one scene from two standpoints, and photos of two scenes: made streets with windows and litter."""

from io import BytesIO
from random import Random

import pytest
from PIL import Image, ImageDraw, ImageEnhance

from qlue.kit.scene import LEAST_CORNERS, SAME_SCENE_FROM, SceneFeatures, count_common_places, describe_scene

SIZE = (800, 600)


def street(seed: int) -> Image.Image:
    """Walls, windows, signs and poles, never twice the same."""
    dice = Random(seed)
    image = Image.new("RGB", SIZE, (150, 170, 190))
    brush = ImageDraw.Draw(image)
    for _ in range(160):
        x, y, w, h = dice.randrange(800), dice.randrange(600), dice.randrange(10, 120), dice.randrange(10, 90)
        shade = tuple(dice.randrange(30, 230) for _ in range(3))
        (brush.rectangle if dice.random() < 0.7 else brush.ellipse)((x, y, x + w, y + h), fill=shade)
    return image


def littered(image: Image.Image) -> Image.Image:
    """A heap in the middle third, as before the work."""
    dice, out = Random(5), image.copy()
    brush = ImageDraw.Draw(out)
    for _ in range(150):
        x, y = dice.randrange(280, 520), dice.randrange(300, 560)
        brush.polygon([(x + dice.randrange(-25, 25), y + dice.randrange(-25, 25)) for _ in range(4)], fill=(90, 80, 60))
    return out


def jpeg(image: Image.Image) -> SceneFeatures:
    out = BytesIO()
    image.save(out, "JPEG", quality=70)
    return describe_scene(out.getvalue())


def from_elsewhere(image: Image.Image) -> Image.Image:
    """Two steps to the side, a little nearer, later in the day."""
    corners = (40, 25, 15, 560, 760, 585, 770, 10)
    return ImageEnhance.Brightness(image.transform(SIZE, Image.Transform.QUAD, corners)).enhance(0.7)


@pytest.mark.parametrize("seed", range(3))
def test_a_cleared_street_is_found_again_from_another_standpoint(seed: int) -> None:
    assert (
        count_common_places(jpeg(littered(street(seed))), jpeg(from_elsewhere(street(seed)))) or 0
    ) >= SAME_SCENE_FROM


@pytest.mark.parametrize("seed", range(3))
def test_another_street_is_not(seed: int) -> None:
    assert (count_common_places(jpeg(littered(street(seed))), jpeg(street(seed + 10))) or 0) < SAME_SCENE_FROM


def test_what_shows_too_little_is_not_compared() -> None:
    wall = jpeg(Image.new("RGB", SIZE, "grey"))
    assert len(wall.places) < LEAST_CORNERS
    assert count_common_places(wall, jpeg(street(1))) is None
    assert count_common_places(jpeg(Image.new("RGB", (8, 6))), wall) is None
