"""The weekly brief as a PDF of one or two sheets."""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

from qlue.dashboard.brief.content import Brief

SOURCE = Path(__file__).parent.parent / "templates" / "dashboard" / "brief.typ"


def render_pdf(brief: Brief) -> bytes:
    """A PDF; fonts are embedded, and neither the network nor the system's fonts are looked at."""
    # A large library that most of the web's processes never need: loaded when somebody asks for a PDF.
    import typst

    # The brief goes in as JSON and not as source: no word of a resident can ever be a command of the typesetter.
    inputs = {"data": json.dumps(asdict(brief))}
    pdf: bytes = typst.compile(_source(), ignore_system_fonts=True, sys_inputs=inputs)
    return pdf


@cache
def _source() -> bytes:
    return SOURCE.read_bytes()
