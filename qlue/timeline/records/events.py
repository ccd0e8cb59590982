"""Events as followers and pages read them, and the SQL that names the timeline's columns for other rooms."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qlue.timeline.records.payloads import FACT_FIELDS, PAYLOAD_FIELDS


@dataclass(frozen=True)
class EventRecord:
    """One row of the timeline as followers read it; `xid` is the transaction that wrote it."""

    id: int
    xid: int
    city_id: int
    at: datetime
    kind: str
    report_id: int | None
    data: dict[str, Any]


@dataclass(frozen=True)
class ReportEvent:
    """One row of a report's history, with who did it."""

    id: int
    at: datetime
    kind: str
    actor_id: int | None
    actor_role: str
    public: bool
    data: dict[str, Any]


# `xid` is left out: only followers may order by it, and they know what it takes.
# The timeline as other rooms may read it: `FROM {EVENTS} AS e`.
EVENTS = "(SELECT id, city_id, at, kind, report_id, actor_id, actor_role, public, data FROM timeline_happening)"


def payload_text(name: str, alias: str = "e") -> str:
    """SQL for a payload's field as text; a name that no payload has is an error when the module is imported."""
    if name not in PAYLOAD_FIELDS:
        raise ValueError(f"no payload has a field {name!r}")
    return f"{alias}.data->>'{name}'"


def payload_id(name: str, alias: str = "e") -> str:
    """SQL for a payload's field as the id of a row."""
    return f"({payload_text(name, alias)})::bigint"


def fact_text(moment: str, name: str, alias: str = "e") -> str:
    """SQL for one fact of the report before (`was`) or after (`now`) an event, as text."""
    if moment not in ("was", "now") or name not in FACT_FIELDS:
        raise ValueError(f"no payload has the fact {name!r} under {moment!r}")
    return f"{alias}.data->'{moment}'->>'{name}'"
