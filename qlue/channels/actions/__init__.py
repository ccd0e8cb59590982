"""Verbs: keys, lines, words in and words out, calls."""

from qlue.channels.actions.keys import end_key, make_key
from qlue.channels.actions.outbox import queue
from qlue.channels.wires.contract import File, Letter

__all__ = ["File", "Letter", "end_key", "make_key", "queue"]
