"""Questions about keys, lines and messages."""

from qlue.channels.reading.keys import hash_of, holder, keys

__all__ = ["hash_of", "holder", "keys"]
