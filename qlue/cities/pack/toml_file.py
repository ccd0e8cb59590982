"""A TOML file of a pack, and its check against a type: every fault with its line, all of them at once."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from qlue.cities.pack.faults import Findings


@dataclass(frozen=True)
class TomlFile:
    """The parsed file with its text, so that a fault finds its line."""

    name: str
    content: dict[str, Any]
    text: str
    findings: Findings

    def line_of(self, key: str, table: str = "") -> int | None:
        """The line on which the key is set, in its table; None where it stands inside of an inline table."""
        start = self.text.find(f"[{table}]") if table else 0
        match = re.compile(rf"^[ \t]*{re.escape(key)}[ \t]*=", re.M).search(self.text, max(start, 0))
        return self.text.count("\n", 0, match.start()) + 1 if match else None

    def line_of_table(self, table: str) -> int | None:
        """The line of `[table]`."""
        start = self.text.find(f"[{table}]")
        return self.text.count("\n", 0, start) + 1 if start >= 0 else None

    def fault(self, key: str, reason: str, table: str = "") -> None:
        """A fault on the line of the key."""
        self.findings.fault(self.name, self.line_of(key, table), reason)


def parse_toml(name: str, text: str, findings: Findings) -> TomlFile | None:
    """The file; None with a fault when it is no TOML."""
    try:
        return TomlFile(name, tomllib.loads(text), text, findings)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        # tomllib names the line in its words only, and says "at end of document" where the text ends too early.
        place = re.search(r"line (\d+)", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        findings.fault(name, line, _("The line cannot be read as TOML: %(error)s.") % {"error": error})
        return None


def check_table(
    file: TomlFile, kind: type[msgspec.Struct], content: Mapping[str, Any], table: str = ""
) -> dict[str, Any]:
    """The values of a table that fit their types, by key; faults for all others, for unknown and for missing keys.

    msgspec stops at the first value that does not fit. So each key is converted by itself: the writer of a pack sees
    everything that is wrong at once.
    """
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    for key in fields:
        if fields[key].required and key not in content:
            file.findings.fault(file.name, None, _("%(key)s is missing.") % {"key": key})
    values: dict[str, Any] = {}
    for key, value in content.items():
        if key not in fields:
            names = ", ".join(fields)
            file.fault(key, _("%(key)s is not known; known are: %(known)s.") % {"key": key, "known": names}, table)
        elif is_table(fields[key].type):
            values[key] = _check_inner_table(file, fields[key].type, key, value)
        elif fits(value, fields[key].type):
            values[key] = msgspec.convert(value, fields[key].type)
        else:
            file.fault(key, reason_of(kind, key), table)
    return values


def _check_inner_table(file: TomlFile, kind: type[msgspec.Struct], key: str, value: object) -> dict[str, Any]:
    if isinstance(value, dict):
        return check_table(file, kind, value, key)
    file.fault(key, _("%(key)s must be a table.") % {"key": key})
    return {}


def is_table(kind: Any) -> bool:
    """Whether a field is a table with keys of its own. One with a `Meta` is not: it is right or wrong as a whole."""
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def fits(value: object, kind: Any) -> bool:
    """Whether the value is of this type and keeps its limits."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def reason_of(kind: type[msgspec.Struct], key: str) -> str:
    """What the `Meta` of a field says to the person whose value does not fit."""
    field = next(field for field in msgspec.structs.fields(kind) if field.name == key)
    meta: msgspec.Meta = field.type.__metadata__[-1]
    details = {"key": key} | (meta.extra or {})
    sentence, phrase = details.get("sentence"), meta.description
    if sentence:
        return _(sentence) % details
    return _("%(key)s must be %(wanted)s.") % {"key": key, "wanted": _(phrase or key) % details}
