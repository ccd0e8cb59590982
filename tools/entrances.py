"""An import-linter contract of our own: a room is entered by its entrances, not through its windows."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class EntrancesContract(Contract):
    """`rooms` may be imported from outside only by the modules named in `entrances` (the root may import anything)."""

    type_name = "entrances"
    rooms: list[str] = fields.ListField(subfield=fields.StringField())  # type: ignore[assignment]
    entrances: list[str] = fields.ListField(subfield=fields.StringField())  # type: ignore[assignment]

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        breaches = [breach for room in self.rooms for breach in self.breaches(graph, room)]
        return ContractCheck(kept=not breaches, metadata={"breaches": breaches})

    def breaches(self, graph: ImportGraph, room: str) -> list[tuple[str, str]]:
        inside = f"qlue.{room}"
        closed = [name for name in graph.find_descendants(inside) if name.split(".")[2] not in self.entrances]
        return [
            (importer, module)
            for module in sorted(closed)
            for importer in sorted(graph.find_modules_that_directly_import(module))
            if self.is_stranger(importer, inside)
        ]

    def is_stranger(self, importer: str, inside: str) -> bool:
        parts = importer.split(".")
        return len(parts) > 2 and "tests" not in parts and not importer.startswith(f"{inside}.")

    def render_broken_contract(self, check: ContractCheck) -> None:
        breaches: list[tuple[str, str]] = check.metadata["breaches"]
        for importer, module in breaches:
            output.print_error(f"{importer} may not import {module}: enter by {', '.join(self.entrances)}")
