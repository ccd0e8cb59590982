"""What `qlue doctor` reports. Each room checks itself in its `health.py`: `findings(connection) -> Findings`."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One line of the report: `state` is good, note (works, but have a look) or bad (`remedy` says how to mend it)."""

    part: str
    state: str
    text: str
    remedy: str = ""


Findings = Iterator[Finding]
