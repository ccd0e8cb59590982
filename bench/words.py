"""The words after `qlue bench NAME`: numbers within limits, and `--json`."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Number:
    """`--name N`, its usual value, and between what it must lie."""

    usual: int
    least: int
    most: int
    about: str


def understood(name: str, about: str | None, words: Sequence[str], **numbers: Number) -> argparse.Namespace:
    """A field for each number, and `json`; says what is wrong and exits otherwise."""
    parser = argparse.ArgumentParser(prog=f"qlue bench {name}", description=(about or "").split("\n")[0])
    for word, number in numbers.items():
        told = f"{number.about}: {number.least} to {number.most} (default {number.usual})"
        parser.add_argument(f"--{word}", type=int, default=number.usual, help=told, metavar="N")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    found = parser.parse_args(words)
    for word, number in numbers.items():
        if not number.least <= getattr(found, word) <= number.most:
            parser.error(f"--{word} is {number.least} to {number.most}")
    return found
