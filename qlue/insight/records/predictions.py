"""Reports as the models read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PredictedReport:
    """A public report about which the models are asked. `picture_hashes`: one for each photo, None without photos."""

    id: int
    words: str
    landmark: str
    category_id: int
    area_id: int | None
    agency_id: int | None
    status: str
    lon: float
    lat: float
    created_at: datetime
    picture_hashes: Sequence[int] | None
