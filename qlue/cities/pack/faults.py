"""What is wrong with a pack, so that the person who writes it finds the place and the reason."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PackFault:
    """One thing to mend: the file in the pack, the line (None: the whole file) and the reason in plain words."""

    file: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


@dataclass
class Findings:
    """Faults stop a pack from being loaded; notes only say what was done about something odd."""

    faults: list[PackFault] = field(default_factory=list)
    notes: list[PackFault] = field(default_factory=list)

    def fault(self, file: str, line: int | None, reason: str) -> None:
        self.faults.append(PackFault(file, line, reason))

    def note(self, file: str, line: int | None, reason: str) -> None:
        self.notes.append(PackFault(file, line, reason))
