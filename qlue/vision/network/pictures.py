"""Pictures to calibrate the quantisation on: made, not taken, so that none of anybody's has to be shipped.

What the activations' ranges need is contrast at every scale, edges, colours, dark and bright scenes. Clouds of noise
whose power falls with frequency as in photographs, with flat hard-edged things in front, give that.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

HOW_MANY = 24


def made_pictures(wide: int, high: int, how_many: int = HOW_MANY) -> Iterator[npt.NDArray[np.uint8]]:
    """(high, wide, 3) BGR bytes, always the same ones."""
    dice = np.random.default_rng(416)
    for _ in range(how_many):
        picture = _clouds(dice, wide, high)
        for _thing in range(int(dice.integers(10, 60))):
            _put_something(dice, picture)
        yield picture.clip(0, 255).astype(np.uint8)


def _clouds(dice: np.random.Generator, wide: int, high: int) -> npt.NDArray[np.float64]:
    """Noise with power 1/f, lit between night and noon."""
    rows, columns = np.fft.fftfreq(high)[:, None], np.fft.rfftfreq(wide)[None]
    amplitudes = 1 / np.maximum(np.hypot(rows, columns), 1 / wide) ** dice.uniform(0.8, 1.4)
    planes = []
    for _ in range(3):
        phases = np.exp(2j * np.pi * dice.random(amplitudes.shape))
        plane = np.fft.irfft2(amplitudes * phases, (high, wide))
        planes.append(plane / plane.std())
    grey, tint = planes[0][..., None], np.stack(planes, 2)
    contrast, light = dice.uniform(15, 60), dice.uniform(40, 200)
    return np.asarray(light + contrast * (0.8 * grey + 0.2 * tint))


def _put_something(dice: np.random.Generator, picture: npt.NDArray[Any]) -> None:
    """A box or an ellipse with a shade across, from a few pixels to half of the picture."""
    high, wide = picture.shape[:2]
    h, w = (max(3, int(side * dice.random() ** 2 * 0.6)) for side in (high, wide))
    top, left = int(dice.integers(0, high - 2)), int(dice.integers(0, wide - 2))
    part = picture[top : top + h, left : left + w]
    rows, columns = np.mgrid[: part.shape[0], : part.shape[1]]
    colour = dice.uniform(0, 255, 3) + dice.normal(0, 20) * (rows / h)[..., None]
    round_one = (rows / h * 2 - 1) ** 2 + (columns / w * 2 - 1) ** 2 < 1 if dice.random() < 0.5 else np.True_
    part[...] = np.where(np.broadcast_to(round_one, rows.shape)[..., None], colour, part)
