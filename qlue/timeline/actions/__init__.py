"""Verbs of the timeline: write an event with its change; follow the events."""

from qlue.timeline.actions.events import (
    INSERT_EVENT_FOR_CHANGE,
    event_params,
    record_event,
    record_events,
    redact,
)
from qlue.timeline.actions.followers import (
    Handler,
    enrol_follower,
    follow_batch,
    follower_lag,
    followers_behind,
    rewind_follower,
)

__all__ = [
    "INSERT_EVENT_FOR_CHANGE",
    "Handler",
    "enrol_follower",
    "event_params",
    "follow_batch",
    "follower_lag",
    "followers_behind",
    "record_event",
    "record_events",
    "redact",
    "rewind_follower",
]
