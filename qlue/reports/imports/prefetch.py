"""Reading and checking the next batch while the database stores this one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def prefetch(items: Iterator[T]) -> Iterator[T]:
    """The same items in the same order; a thread makes the next one while the caller uses this one.

    What making raises is raised here. The items must not use the database: connections belong to threads.
    """
    # One ahead and no more, so that memory does not grow when the database is the slower one.
    with ThreadPoolExecutor(1, "ahead") as thread:
        next_item = thread.submit(next, items, None)
        while (item := next_item.result()) is not None:
            next_item = thread.submit(next, items, None)
            yield item
