"""The weekly brief as a PDF of one or two sheets."""

import json
from functools import cache
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent / "templates" / "dashboard" / "brief.typ"


def printed(brief: dict[str, Any]) -> bytes:
    """A PDF; fonts are embedded, and neither the network nor the system's fonts are looked at."""
    import typst

    made: bytes = typst.compile(_source(), ignore_system_fonts=True, sys_inputs={"data": json.dumps(brief)})
    return made


@cache
def _source() -> bytes:
    return SOURCE.read_bytes()
