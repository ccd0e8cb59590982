"""What the doctor says of a part. A room tells of itself in `health.py`: `findings(connection) -> Findings`."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: `state` is good, note (works, but look) or bad (mend it)."""

    part: str
    state: str
    words: str
    mend: str = ""


Findings = Iterator[Finding]
