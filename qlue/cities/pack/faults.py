"""What is wrong with a pack, told so that the person who writes it can mend it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """One thing to mend: the file in the pack, the line (None: the whole file) and the reason in plain words."""

    file: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


@dataclass
class Findings:
    """Faults stop a pack from being loaded; notes only say what was done about something odd."""

    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)

    def fault(self, file: str, line: int | None, reason: str) -> None:
        self.faults.append(Fault(file, line, reason))

    def note(self, file: str, line: int | None, reason: str) -> None:
        self.notes.append(Fault(file, line, reason))
