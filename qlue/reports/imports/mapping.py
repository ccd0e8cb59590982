"""The mapping file: which column of a foreign file means what. `docs/import.md` explains each line of it."""

import tomllib
from pathlib import Path
from typing import Literal

import msgspec


class MappingError(Exception):
    """The mapping does not fit; the message names each fault, and nothing has been imported."""


class MappingTable(msgspec.Struct, forbid_unknown_fields=True):
    """A section of the file; a key that nobody reads is a fault, not a surprise."""


class Layout(MappingTable):
    """How a CSV file is written."""

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"


class Column(MappingTable):
    column: str


class When(MappingTable):
    """A moment. `format` is strptime's, or `epoch` or `epoch_ms`; empty is ISO 8601. Without zone: the city's."""

    column: str
    format: str | list[str] = ""
    timezone: str = ""

    @property
    def formats(self) -> list[str]:
        return [self.format] if isinstance(self.format, str) else self.format


class Closed(When):
    """What a finished report without a closing date becomes: a reject, or closed when it was created."""

    missing: Literal["reject", "created"] = "reject"


class PlaceMapping(MappingTable):
    """Columns of the position in degrees, of the kelurahan's code, or both: then the code fills gaps."""

    lon: str = ""
    lat: str = ""
    area: str = ""


class Lookup(MappingTable):
    """Words of the foreign system to our slugs or states; what is not listed becomes `default`, else a reject."""

    column: str = ""
    default: str = ""
    words: dict[str, str] = {}


class Template(MappingTable):
    """Text with columns in braces: `{Street}, {Nature}`."""

    template: str


class Flag(MappingTable):
    """True where the column holds one of these values."""

    column: str
    values: list[str]


class DuplicateMapping(MappingTable):
    """Which reports are merged: by a value of a column, by naming the report they repeat, or both."""

    column: str = ""
    values: list[str] = []
    parent: str = ""


class Mapping(MappingTable):
    external_id: Column
    created_at: When
    place: PlaceMapping
    category: Lookup
    status: Lookup
    words: Template
    closed_at: Closed | None = None
    landmark: Template | None = None
    agency: Lookup | None = None
    duplicate: DuplicateMapping | None = None
    private: Flag | None = None
    channel: str = "import"
    file: Layout = msgspec.field(default_factory=Layout)


def read_mapping(path: Path) -> Mapping:
    """The file's content, checked for shape; `plan.make_plan` checks whether it fits a city and a source."""
    try:
        # Windows editors put a byte order mark before the text, which TOML forbids.
        return msgspec.convert(tomllib.loads(path.read_text("utf-8-sig")), Mapping)
    except OSError as error:
        raise MappingError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise MappingError(f"{path} is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{path} is not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise MappingError(f"{path}: {_in_words(str(error))}") from error


def _in_words(message: str) -> str:
    """msgspec's message with the section named as the file names it."""
    problem, _, where = message.partition(" - at `$")
    section = where.strip("`.")
    problem = problem.replace("Object contains unknown field", "unknown key")
    problem = problem.replace("Object missing required field", "missing")
    return f"[{section}]: {problem}" if section else problem
