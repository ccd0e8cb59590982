"""What this room can be asked about keys of programs; the other queries lie in their modules."""

from qlue.channels.queries.api_keys import api_keys, find_api_key, hash_key

__all__ = ["api_keys", "find_api_key", "hash_key"]
