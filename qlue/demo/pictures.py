"""Drawn street scenes for the demo: plainly drawings, never to be taken for photos of a real place."""

from functools import cache
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

from qlue.kit.photo import CleanPhoto, clean_photo

WIDE, HIGH = 960, 720
SKIES = ("#bcd7ee", "#d7e3ea", "#f4d9b8", "#9fb3c8")
WALLS = ("#e9dcc9", "#d9c7b8", "#c9d3c0", "#e3c9b0")


@cache
def draw_scene(number: int, *, is_repaired: bool) -> CleanPhoto:
    """One of a few scenes, cleaned like any photo; `is_repaired` draws the same street without the problem."""
    dice = Random(number)  # the same number draws the same street, before and after the repair
    image = Image.new("RGB", (WIDE, HIGH), dice.choice(SKIES))
    pen = ImageDraw.Draw(image)
    _draw_street(pen, dice)
    if not is_repaired:
        _draw_problem(pen, Random(number + 1000), number % 3)
    out = BytesIO()
    image.save(out, "JPEG", quality=85)
    return clean_photo(out.getvalue())


def _draw_street(pen: ImageDraw.ImageDraw, dice: Random) -> None:
    left = 0
    while left < WIDE:
        width, top = dice.randint(120, 220), dice.randint(160, 320)
        pen.rectangle((left, top, left + width, 470), fill=dice.choice(WALLS))
        pen.polygon(((left - 10, top), (left + width / 2, top - 60), (left + width + 10, top)), fill="#a4553d")
        for window in range(left + 20, left + width - 40, 60):
            pen.rectangle((window, top + 40, window + 34, top + 90), fill="#5c7a8c")
        left += width + 12
    pen.rectangle((0, 470, WIDE, 520), fill="#b9b4a8")
    pen.rectangle((0, 520, WIDE, HIGH), fill="#585d63")
    for dash in range(0, WIDE, 120):
        pen.rectangle((dash, 615, dash + 60, 625), fill="#e8e4d8")


def _draw_problem(pen: ImageDraw.ImageDraw, dice: Random, kind: int) -> None:
    if kind == 0:  # a heap of rubbish
        for _ in range(70):
            x, y, r = dice.gauss(470, 90), dice.uniform(440, 560), dice.randint(10, 34)
            pen.ellipse((x - r, y - r * 0.7, x + r, y + r * 0.7), fill=dice.choice(("#2f3b2f", "#6b705c", "#d9d2c5")))
    elif kind == 1:  # holes in the road
        for _ in range(4):
            x, y, r = dice.uniform(150, 800), dice.uniform(560, 680), dice.randint(40, 90)
            pen.ellipse((x - r, y - r * 0.4, x + r, y + r * 0.4), fill="#2c2a29", outline="#77706a", width=6)
    else:  # water over the street
        pen.rectangle((0, 500, WIDE, HIGH), fill="#8a7a5c")
        for wave in range(510, HIGH, 22):
            pen.line((dice.randint(0, 200), wave, dice.randint(500, WIDE), wave), fill="#a8976f", width=3)
