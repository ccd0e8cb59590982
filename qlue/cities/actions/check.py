"""What is wrong with packs, before anything is loaded."""

from collections.abc import Iterable
from pathlib import Path

from qlue.cities.pack.faults import PackFault
from qlue.cities.pack.read import PackReading, find_clashes, read_pack


def check_pack(path: Path, areas: Path | None = None) -> list[PackFault]:
    """Everything wrong with the pack in this folder; empty when it can be loaded. Asks no database."""
    return list(read_pack(path, areas).faults)


def check_packs(paths: Iterable[Path]) -> list[PackReading]:
    """Several packs, each with the faults that they make for one another."""
    readings = [read_pack(path) for path in paths]
    # Two packs that are fine alone may both claim one slug; loading the first would make the second fail half-way.
    faults = find_clashes(readings)
    return [
        PackReading(reading.folder, None, (*reading.faults, *faults[reading.folder]), reading.notes)
        if reading.folder in faults
        else reading
        for reading in readings
    ]
