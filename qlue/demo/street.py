"""A drawn street that moves: for the demo's cameras. Plainly a drawing, of no real place.

The things in it are drawn with the shades, outlines and proportions that a detector trained on photographs goes by; it
finds most of them, not all, as with a real camera.
"""

import os
import sys
from dataclasses import dataclass
from math import sin
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image, ImageDraw

WIDE, HIGH = 640, 360
SCALE = 2  # drawn larger and made smaller, so that edges are soft
ROAD = 190  # upper edge of the road
GRAINS = 7  # pictures of noise in turn: a sensor never sends the same picture twice
PAINTS = ("#c7342b", "#f2f2ef", "#2f5d9a", "#3a3d42", "#b9bec4", "#1f6f4a")
COATS = ("#8c2f39", "#2b3a67", "#e0a458", "#355e3b", "#5b5b5b")
Pen = ImageDraw.ImageDraw


@dataclass(frozen=True)
class Mover:
    """Something on its way: from `start` seconds on, `speed` pixels a second (negative: to the left), at height `y`."""

    kind: str
    start: float
    speed: float
    y: float
    size: float
    colour: str
    stops: tuple[float, float] | None = None  # pixels from its start, seconds standing

    def x(self, at: float) -> float:
        """Where it is, outside of the picture before and after."""
        gone = (at - self.start) * abs(self.speed)
        if self.stops:
            place, wait = self.stops
            gone = gone if gone < place else max(place, gone - wait * abs(self.speed))
        return gone - 160 if self.speed > 0 else WIDE + 160 - gone


def film(path: Path, seed: int, seconds: int = 40, fps: int = 8) -> Path:
    """Writes an H.264 file that can be played in a loop; written aside first, so that a half one is never read."""
    import av
    import numpy as np

    dice = Random(seed)
    movers, ground = cast(dice, seconds), scenery(dice)
    grains = [Image.effect_noise((WIDE, HIGH), 16).convert("RGB") for _ in range(GRAINS)]
    aside = path.with_suffix(".part.mp4")
    with av.open(str(aside), "w") as container:
        stream: Any = container.add_stream("libx264", rate=fps, options={"preset": "veryfast", "crf": "26", "g": "20"})
        stream.width, stream.height, stream.pix_fmt = WIDE, HIGH, "yuv420p"
        for number in range(seconds * fps):
            image = Image.blend(frame(ground, movers, number / fps), grains[number % GRAINS], 0.05)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(image), "rgb24")))
        container.mux(stream.encode(None))
    aside.rename(path)
    return path


def cast(dice: Random, seconds: int) -> list[Mover]:
    """Who comes by: traffic in two lanes, people on the pavement, and one car that stands where it must not."""
    movers = [Mover("car", -8, 60, 250, 1.0, dice.choice(PAINTS), stops=(430, seconds - 12.0))]
    at = 0.0
    while at < seconds - 5:
        at += dice.uniform(2.0, 4.5)
        kind = dice.choices(("car", "bus", "motorcycle"), (6, 1, 3))[0]
        near = dice.random() < 0.5
        speed = dice.uniform(110, 170) * (1 if near else -1)
        movers.append(Mover(kind, at, speed, 345 if near else 285, 1.25 if near else 1.0, dice.choice(PAINTS)))
    for walker in range(seconds // 5):
        way = dice.choice((-1, 1)) * dice.uniform(22, 38)
        movers.append(
            Mover("person", walker * 5 - 12, way, dice.uniform(183, 196), dice.uniform(0.9, 1.05), dice.choice(COATS))
        )
    return sorted(movers, key=lambda one: one.y)


def scenery(dice: Random) -> Image.Image:
    """Sky, houses, pavement and road."""
    image = Image.new("RGB", (WIDE * SCALE, HIGH * SCALE), "#b9cfdf")
    pen = ImageDraw.Draw(image)
    left = 0
    while left < WIDE:
        width, top = dice.randint(70, 130), dice.randint(10, 70)
        box(pen, left, top, left + width, 150, dice.choice(("#d8cbb8", "#c5b4a3", "#b8c2b0", "#d9bfa2")))
        for row in range(top + 14, 130, 30):
            for window in range(left + 10, left + width - 18, 26):
                box(pen, window, row, window + 13, row + 17, "#56707f")
        left += width + 4
    box(pen, 0, 150, WIDE, ROAD, "#a8a39a")
    box(pen, 0, ROAD + 8, WIDE, HIGH, "#5b5f63")
    box(pen, 0, ROAD + 8, WIDE, ROAD + 11, "#c9c6bd")
    for dash in range(0, WIDE, 70):
        box(pen, dash, 297, dash + 35, 300, "#d8d5ca")
    return image


def frame(ground: Image.Image, movers: list[Mover], at: float) -> Image.Image:
    """The picture at a moment."""
    image = ground.copy()
    pen = ImageDraw.Draw(image)
    for mover in movers:
        x = mover.x(at)
        if at >= mover.start and -150 < x < WIDE + 150:
            DRAWN[mover.kind](pen, mover, x, at)
    return image.reduce(SCALE)


def box(pen: Pen, x1: float, y1: float, x2: float, y2: float, colour: str, radius: float = 0) -> None:
    """A rectangle in the picture's own pixels."""
    pen.rounded_rectangle([side * SCALE for side in (x1, y1, x2, y2)], radius * SCALE, fill=colour)


def shape(pen: Pen, points: list[tuple[float, float]], colour: str) -> None:
    """A polygon in the picture's own pixels."""
    pen.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=colour)


def disc(pen: Pen, x: float, y: float, r: float, colour: str) -> None:
    """A disc in the picture's own pixels."""
    pen.ellipse([side * SCALE for side in (x - r, y - r, x + r, y + r)], fill=colour)


def shaded(colour: str, factor: float) -> str:
    """Darker below 1, lighter above."""
    parts = [min(255, int(int(colour[i : i + 2], 16) * factor)) for i in (1, 3, 5)]
    return "#{:02x}{:02x}{:02x}".format(*parts)


def car(pen: Pen, one: Mover, x: float, at: float) -> None:
    """From the side: shadow, body, roof with windows, wheels, lights."""
    s, d = 50 * one.size, 1 if one.speed > 0 else -1
    y, dark, light = one.y, shaded(one.colour, 0.62), shaded(one.colour, 1.18)
    pen.ellipse([side * SCALE for side in (x - 1.05 * s, y - 5, x + 1.05 * s, y + 6)], fill="#37393c")
    low, belt, roof = y - 0.13 * s, y - 0.5 * s, y - 0.86 * s
    body = [(-1.0, low), (-0.98, belt + 0.1 * s), (-0.62, belt), (0.55, belt), (0.95, belt + 0.16 * s), (1.0, low)]
    shape(pen, [(x + d * k * s, v) for k, v in body], one.colour)
    cabin = [(-0.72, belt), (-0.45, roof), (0.2, roof), (0.55, belt)]
    shape(pen, [(x + d * k * s, v) for k, v in cabin], light)
    for pane in (
        ((-0.62, belt), (-0.42, roof + 4), (-0.12, roof + 4), (-0.12, belt)),
        ((-0.06, belt), (-0.06, roof + 4), (0.17, roof + 4), (0.43, belt)),
    ):
        shape(pen, [(x + d * k * s, v - 1) for k, v in pane], "#2a3640")
    shape(
        pen,
        [(x + d * k * s, v) for k, v in ((-1.0, low), (-0.99, low - 0.1 * s), (0.99, low - 0.1 * s), (1.0, low))],
        dark,
    )
    for k in (-0.6, 0.6):
        disc(pen, x + d * k * s, y - 0.14 * s, 0.21 * s, "#17181a")
        disc(pen, x + d * k * s, y - 0.14 * s, 0.11 * s, "#b4b8bc")
    box(pen, x + d * 0.9 * s - 3, belt + 0.17 * s, x + d * 0.9 * s + 3, belt + 0.25 * s, "#fff6d6")
    box(pen, x - d * 0.95 * s - 2, belt + 0.15 * s, x - d * 0.95 * s + 2, belt + 0.26 * s, "#b3261e")


def bus(pen: Pen, one: Mover, x: float, at: float) -> None:
    """A long box with a row of windows."""
    s, y = 50 * one.size, one.y
    pen.ellipse([side * SCALE for side in (x - 1.9 * s, y - 6, x + 1.9 * s, y + 6)], fill="#37393c")
    box(pen, x - 1.85 * s, y - 1.35 * s, x + 1.85 * s, y - 0.14 * s, one.colour, 6)
    box(pen, x - 1.8 * s, y - 0.45 * s, x + 1.8 * s, y - 0.3 * s, shaded(one.colour, 0.6))
    for pane in range(7):
        left = x - 1.75 * s + pane * 0.5 * s
        box(pen, left, y - 1.2 * s, left + 0.43 * s, y - 0.72 * s, "#26323b", 2)
    for k in (-1.2, 1.15):
        disc(pen, x + k * s, y - 0.16 * s, 0.24 * s, "#17181a")
        disc(pen, x + k * s, y - 0.16 * s, 0.12 * s, "#a9adb1")


# Seat, coat, arm and leg of a rider: points in sizes of the motorcycle, ahead and up; "" is the motorcycle's colour.
RIDER = (
    ("", ((-0.8, 0.85), (0.5, 0.7), (0.75, 0.36), (-0.5, 0.36))),
    ("#3b4a5a", ((-0.35, 0.85), (0.1, 1.75), (0.4, 1.65), (0.15, 0.8))),
    ("#3b4a5a", ((0.25, 1.6), (0.75, 1.1), (0.7, 1.0), (0.15, 1.4))),
    ("#22262b", ((-0.2, 0.9), (0.35, 0.75), (0.2, 0.2), (0.0, 0.2))),
)


def motorcycle(pen: Pen, one: Mover, x: float, at: float) -> None:
    """Two wheels, a seat, and somebody on it."""
    s, y, ahead = 26 * one.size, one.y, 1 if one.speed > 0 else -1
    for k in (-0.75, 0.75):
        disc(pen, x + k * s, y - 0.36 * s, 0.38 * s, "#161718")
        disc(pen, x + k * s, y - 0.36 * s, 0.2 * s, "#8d9296")
    for colour, points in RIDER:
        shape(pen, [(x + ahead * dx * s, y - dy * s) for dx, dy in points], colour or one.colour)
    disc(pen, x + ahead * 0.3 * s, y - 1.98 * s, 0.3 * s, "#c9302c")


def person(pen: Pen, one: Mover, x: float, at: float) -> None:
    """Head, coat, arms and legs that swing."""
    s, y = 52 * one.size, one.y
    swing = sin(at * 6 + one.start) * 0.13
    for way in (-1, 1):
        foot = x + way * swing * s
        shape(
            pen,
            [(x - 0.07 * s, y - 0.48 * s), (x + 0.08 * s, y - 0.48 * s), (foot + 0.07 * s, y), (foot - 0.07 * s, y)],
            "#272c3a",
        )
        hand = x - way * swing * 0.9 * s
        shape(
            pen,
            [
                (x - 0.05 * s, y - 0.8 * s),
                (x + 0.05 * s, y - 0.8 * s),
                (hand + 0.05 * s, y - 0.43 * s),
                (hand - 0.04 * s, y - 0.43 * s),
            ],
            shaded(one.colour, 0.8),
        )
    box(pen, x - 0.13 * s, y - 0.84 * s, x + 0.13 * s, y - 0.42 * s, one.colour, 5)
    disc(pen, x, y - 0.92 * s, 0.085 * s, "#c08d6b")
    disc(pen, x, y - 0.955 * s, 0.08 * s, "#241c18")


DRAWN = {"car": car, "bus": bus, "motorcycle": motorcycle, "person": person}


if __name__ == "__main__":
    os.nice(15)  # the demo has other things to do meanwhile
    film(Path(sys.argv[1]), int(sys.argv[2]))
