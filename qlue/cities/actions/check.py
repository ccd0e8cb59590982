"""What is wrong with packs, before anything is loaded."""

from collections.abc import Iterable
from pathlib import Path

from qlue.cities.pack.faults import Fault
from qlue.cities.pack.read import Reading, clashes, read_pack


def check_pack(path: Path, areas: Path | None = None) -> list[Fault]:
    """Everything wrong with the pack in this folder; empty when it can be loaded. Asks no database."""
    return list(read_pack(path, areas).faults)


def check_packs(paths: Iterable[Path]) -> list[Reading]:
    """Several packs, each with the faults that they make for one another."""
    readings = [read_pack(path) for path in paths]
    between = clashes(readings)
    return [
        Reading(one.folder, None, (*one.faults, *between[one.folder]), one.notes) if one.folder in between else one
        for one in readings
    ]
