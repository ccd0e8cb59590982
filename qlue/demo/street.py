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
class RoadUser:
    """Something on its way: from `start` seconds on, `speed` pixels a second (negative: to the left), at height `y`."""

    kind: str
    start: float
    speed: float
    y: float
    size: float
    colour: str
    stops: tuple[float, float] | None = None  # pixels from its start, seconds standing

    def x(self, at: float) -> float:
        """Where it is at a time in seconds; outside of the picture before and after."""
        way = (at - self.start) * abs(self.speed)
        if self.stops:
            place, wait = self.stops
            way = way if way < place else max(place, way - wait * abs(self.speed))
        return way - 160 if self.speed > 0 else WIDE + 160 - way


def draw_film(path: Path, seed: int, seconds: int = 40, fps: int = 8) -> Path:
    """Writes an H.264 file that can be played in a loop; written aside first, so that a half one is never read."""
    import av
    import numpy as np

    dice = Random(seed)
    users, ground = road_users(dice, seconds), draw_scenery(dice)
    grains = [Image.effect_noise((WIDE, HIGH), 16).convert("RGB") for _ in range(GRAINS)]
    aside = path.with_suffix(".part.mp4")
    with av.open(str(aside), "w") as container:
        stream: Any = container.add_stream("libx264", rate=fps, options={"preset": "veryfast", "crf": "26", "g": "20"})
        stream.width, stream.height, stream.pix_fmt = WIDE, HIGH, "yuv420p"
        for number in range(seconds * fps):
            image = Image.blend(draw_frame(ground, users, number / fps), grains[number % GRAINS], 0.05)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(image), "rgb24")))
        container.mux(stream.encode(None))
    aside.rename(path)
    return path


def road_users(dice: Random, seconds: int) -> list[RoadUser]:
    """Who comes by: traffic in two lanes, people on the pavement, and one car that stands where it must not."""
    users = [RoadUser("car", -8, 60, 250, 1.0, dice.choice(PAINTS), stops=(430, seconds - 12.0))]
    at = 0.0
    while at < seconds - 5:
        at += dice.uniform(2.0, 4.5)
        kind = dice.choices(("car", "bus", "motorcycle"), (6, 1, 3))[0]
        near = dice.random() < 0.5
        speed = dice.uniform(110, 170) * (1 if near else -1)
        users.append(RoadUser(kind, at, speed, 345 if near else 285, 1.25 if near else 1.0, dice.choice(PAINTS)))
    for walker in range(seconds // 5):
        way = dice.choice((-1, 1)) * dice.uniform(22, 38)
        users.append(
            RoadUser(
                "person", walker * 5 - 12, way, dice.uniform(183, 196), dice.uniform(0.9, 1.05), dice.choice(COATS)
            )
        )
    return sorted(users, key=lambda user: user.y)


def draw_scenery(dice: Random) -> Image.Image:
    """Sky, houses, pavement and road."""
    image = Image.new("RGB", (WIDE * SCALE, HIGH * SCALE), "#b9cfdf")
    pen = ImageDraw.Draw(image)
    left = 0
    while left < WIDE:
        width, top = dice.randint(70, 130), dice.randint(10, 70)
        paint_box(pen, left, top, left + width, 150, dice.choice(("#d8cbb8", "#c5b4a3", "#b8c2b0", "#d9bfa2")))
        for row in range(top + 14, 130, 30):
            for window in range(left + 10, left + width - 18, 26):
                paint_box(pen, window, row, window + 13, row + 17, "#56707f")
        left += width + 4
    paint_box(pen, 0, 150, WIDE, ROAD, "#a8a39a")
    paint_box(pen, 0, ROAD + 8, WIDE, HIGH, "#5b5f63")
    paint_box(pen, 0, ROAD + 8, WIDE, ROAD + 11, "#c9c6bd")
    for dash in range(0, WIDE, 70):
        paint_box(pen, dash, 297, dash + 35, 300, "#d8d5ca")
    return image


def draw_frame(ground: Image.Image, users: list[RoadUser], at: float) -> Image.Image:
    """The picture at a time in seconds."""
    image = ground.copy()
    pen = ImageDraw.Draw(image)
    for user in users:
        x = user.x(at)
        if at >= user.start and -150 < x < WIDE + 150:
            DRAW[user.kind](pen, user, x, at)
    return image.reduce(SCALE)


def paint_box(pen: Pen, x1: float, y1: float, x2: float, y2: float, colour: str, radius: float = 0) -> None:
    """A rectangle in the picture's own pixels."""
    pen.rounded_rectangle([side * SCALE for side in (x1, y1, x2, y2)], radius * SCALE, fill=colour)


def draw_polygon(pen: Pen, points: list[tuple[float, float]], colour: str) -> None:
    """A polygon in the picture's own pixels."""
    pen.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=colour)


def draw_disc(pen: Pen, x: float, y: float, r: float, colour: str) -> None:
    """A disc in the picture's own pixels."""
    pen.ellipse([side * SCALE for side in (x - r, y - r, x + r, y + r)], fill=colour)


def shade(colour: str, factor: float) -> str:
    """Darker below 1, lighter above."""
    parts = [min(255, int(int(colour[i : i + 2], 16) * factor)) for i in (1, 3, 5)]
    return "#{:02x}{:02x}{:02x}".format(*parts)


def draw_car(pen: Pen, user: RoadUser, x: float, at: float) -> None:
    """From the side: shadow, body, roof with windows, wheels, lights."""
    s, d = 50 * user.size, 1 if user.speed > 0 else -1
    y, dark, light = user.y, shade(user.colour, 0.62), shade(user.colour, 1.18)
    pen.ellipse([side * SCALE for side in (x - 1.05 * s, y - 5, x + 1.05 * s, y + 6)], fill="#37393c")
    low, belt, roof = y - 0.13 * s, y - 0.5 * s, y - 0.86 * s
    body = [(-1.0, low), (-0.98, belt + 0.1 * s), (-0.62, belt), (0.55, belt), (0.95, belt + 0.16 * s), (1.0, low)]
    draw_polygon(pen, [(x + d * k * s, v) for k, v in body], user.colour)
    cabin = [(-0.72, belt), (-0.45, roof), (0.2, roof), (0.55, belt)]
    draw_polygon(pen, [(x + d * k * s, v) for k, v in cabin], light)
    for pane in (
        ((-0.62, belt), (-0.42, roof + 4), (-0.12, roof + 4), (-0.12, belt)),
        ((-0.06, belt), (-0.06, roof + 4), (0.17, roof + 4), (0.43, belt)),
    ):
        draw_polygon(pen, [(x + d * k * s, v - 1) for k, v in pane], "#2a3640")
    draw_polygon(
        pen,
        [(x + d * k * s, v) for k, v in ((-1.0, low), (-0.99, low - 0.1 * s), (0.99, low - 0.1 * s), (1.0, low))],
        dark,
    )
    for k in (-0.6, 0.6):
        draw_disc(pen, x + d * k * s, y - 0.14 * s, 0.21 * s, "#17181a")
        draw_disc(pen, x + d * k * s, y - 0.14 * s, 0.11 * s, "#b4b8bc")
    paint_box(pen, x + d * 0.9 * s - 3, belt + 0.17 * s, x + d * 0.9 * s + 3, belt + 0.25 * s, "#fff6d6")
    paint_box(pen, x - d * 0.95 * s - 2, belt + 0.15 * s, x - d * 0.95 * s + 2, belt + 0.26 * s, "#b3261e")


def draw_bus(pen: Pen, user: RoadUser, x: float, at: float) -> None:
    """A long box with a row of windows."""
    s, y = 50 * user.size, user.y
    pen.ellipse([side * SCALE for side in (x - 1.9 * s, y - 6, x + 1.9 * s, y + 6)], fill="#37393c")
    paint_box(pen, x - 1.85 * s, y - 1.35 * s, x + 1.85 * s, y - 0.14 * s, user.colour, 6)
    paint_box(pen, x - 1.8 * s, y - 0.45 * s, x + 1.8 * s, y - 0.3 * s, shade(user.colour, 0.6))
    for pane in range(7):
        left = x - 1.75 * s + pane * 0.5 * s
        paint_box(pen, left, y - 1.2 * s, left + 0.43 * s, y - 0.72 * s, "#26323b", 2)
    for k in (-1.2, 1.15):
        draw_disc(pen, x + k * s, y - 0.16 * s, 0.24 * s, "#17181a")
        draw_disc(pen, x + k * s, y - 0.16 * s, 0.12 * s, "#a9adb1")


# Seat, coat, arm and leg of a rider: points in sizes of the motorcycle, ahead and up; "" is the motorcycle's colour.
RIDER = (
    ("", ((-0.8, 0.85), (0.5, 0.7), (0.75, 0.36), (-0.5, 0.36))),
    ("#3b4a5a", ((-0.35, 0.85), (0.1, 1.75), (0.4, 1.65), (0.15, 0.8))),
    ("#3b4a5a", ((0.25, 1.6), (0.75, 1.1), (0.7, 1.0), (0.15, 1.4))),
    ("#22262b", ((-0.2, 0.9), (0.35, 0.75), (0.2, 0.2), (0.0, 0.2))),
)


def draw_motorcycle(pen: Pen, user: RoadUser, x: float, at: float) -> None:
    """Two wheels, a seat, and somebody on it."""
    s, y, ahead = 26 * user.size, user.y, 1 if user.speed > 0 else -1
    for k in (-0.75, 0.75):
        draw_disc(pen, x + k * s, y - 0.36 * s, 0.38 * s, "#161718")
        draw_disc(pen, x + k * s, y - 0.36 * s, 0.2 * s, "#8d9296")
    for colour, points in RIDER:
        draw_polygon(pen, [(x + ahead * dx * s, y - dy * s) for dx, dy in points], colour or user.colour)
    draw_disc(pen, x + ahead * 0.3 * s, y - 1.98 * s, 0.3 * s, "#c9302c")


def draw_person(pen: Pen, user: RoadUser, x: float, at: float) -> None:
    """Head, coat, arms and legs that swing."""
    s, y = 52 * user.size, user.y
    step = sin(at * 6 + user.start) * 0.13
    for way in (-1, 1):
        foot = x + way * step * s
        draw_polygon(
            pen,
            [(x - 0.07 * s, y - 0.48 * s), (x + 0.08 * s, y - 0.48 * s), (foot + 0.07 * s, y), (foot - 0.07 * s, y)],
            "#272c3a",
        )
        hand = x - way * step * 0.9 * s
        draw_polygon(
            pen,
            [
                (x - 0.05 * s, y - 0.8 * s),
                (x + 0.05 * s, y - 0.8 * s),
                (hand + 0.05 * s, y - 0.43 * s),
                (hand - 0.04 * s, y - 0.43 * s),
            ],
            shade(user.colour, 0.8),
        )
    paint_box(pen, x - 0.13 * s, y - 0.84 * s, x + 0.13 * s, y - 0.42 * s, user.colour, 5)
    draw_disc(pen, x, y - 0.92 * s, 0.085 * s, "#c08d6b")
    draw_disc(pen, x, y - 0.955 * s, 0.08 * s, "#241c18")


DRAW = {"car": draw_car, "bus": draw_bus, "motorcycle": draw_motorcycle, "person": draw_person}


if __name__ == "__main__":
    os.nice(15)  # the demo has other things to do meanwhile
    draw_film(Path(sys.argv[1]), int(sys.argv[2]))
