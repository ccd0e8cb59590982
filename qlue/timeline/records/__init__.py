"""What the timeline holds, for whoever reads it: events, their payloads, and SQL fragments that read both."""

from qlue.timeline.records.events import EVENTS, EventRecord, ReportEvent, fact_text, payload_id, payload_text
from qlue.timeline.records.payloads import OrderPayload, Payload, ReportFacts, ReportPayload

__all__ = [
    "EVENTS",
    "EventRecord",
    "OrderPayload",
    "Payload",
    "ReportEvent",
    "ReportFacts",
    "ReportPayload",
    "fact_text",
    "payload_id",
    "payload_text",
]
