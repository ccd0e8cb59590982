"""`kit.geo.cell` for arrays: a million positions at once."""

from typing import Any

import numpy as np

from qlue.kit.geo import BITS


def cells(lon: Any, lat: Any) -> Any:
    """The 52-bit cells of positions in degrees."""
    x = ((lon + 180) / 360 * (1 << BITS)).astype(np.int64)
    radians = np.radians(lat)
    y = ((1 - np.log(np.tan(radians) + 1 / np.cos(radians)) / np.pi) / 2 * (1 << BITS)).astype(np.int64)
    return _spread(x) | _spread(y) << 1


def _spread(value: Any) -> Any:
    for shift, mask in ((16, 0x0000FFFF0000FFFF), (8, 0x00FF00FF00FF00FF), (4, 0x0F0F0F0F0F0F0F0F)):
        value = (value | value << shift) & mask
    value = (value | value << 2) & 0x3333333333333333
    return (value | value << 1) & 0x5555555555555555
