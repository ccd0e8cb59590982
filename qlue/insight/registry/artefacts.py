"""A model as bytes: plain arrays in NumPy's own format, never pickle, with a seal that only this installation makes."""

import hmac
import io
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

MOST_BYTES = 64_000_000  # of a model, unpacked


def pack_arrays(arrays: Mapping[str, Any]) -> bytes:
    """The arrays, compressed."""
    out = io.BytesIO()
    np.savez_compressed(out, **dict(arrays))
    return out.getvalue()


def unpack_arrays(data: bytes) -> dict[str, NDArray[np.generic]]:
    """The reverse of `pack_arrays`; ValueError for anything else, before it takes memory."""
    try:
        # A compressed file can unpack to far more than its own size, so the sizes are read first.
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_BYTES:
                raise ValueError("the model is too large")
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (zipfile.BadZipFile, OSError, EOFError, KeyError) as error:
        raise ValueError("this is no model") from error


def seal_of(data: bytes) -> str:
    """HMAC-SHA256 with the installation's secret: bytes that somebody slipped into the table are not loaded."""
    # The prefix is part of every stored seal: another one would make all stored models unusable.
    return hmac.new(settings.SECRET_KEY.encode(), b"qlue.insight.model" + data, sha256).hexdigest()


def is_sealed(data: bytes, seal: str) -> bool:
    """Whether this installation made the seal for these bytes."""
    return hmac.compare_digest(seal_of(data), seal)
