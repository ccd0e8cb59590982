"""What one part of the nightly computation hands over to be stored."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class RunOutput:
    """Rows of a table without city and run, figures about their quality, and a code where there are no rows."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    problem: str = ""
