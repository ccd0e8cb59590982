"""Verbs: keys, lines, words in and words out, calls."""

from qlue.channels.actions.keys import end_key, make_key

__all__ = ["end_key", "make_key"]
