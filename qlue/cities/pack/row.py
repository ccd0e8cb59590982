"""One line of a CSV file and the checks of its cells; a bad cell becomes a fault and a harmless value."""

import math
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from qlue.cities import records
from qlue.cities.pack.faults import Findings

SLUG = re.compile(records.SLUG)
CODE = re.compile(r"[A-Za-z0-9]+([.-][A-Za-z0-9]+)*")
PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{1,38}")
# A cell that begins so is run as a formula when somebody opens an export of ours in a spreadsheet.
FORMULA = ("=", "@", "+", "-")
YES = {"yes", "ya", "true", "1"}
NO = {"", "no", "tidak", "false", "0"}


@dataclass(frozen=True)
class CsvRow:
    """Cells by column name, all stripped."""

    file: str
    line: int
    cells: dict[str, str]
    findings: Findings

    def fault(self, reason: str) -> None:
        self.findings.fault(self.file, self.line, reason)

    def raw(self, column: str) -> str:
        """The cell as it stands; empty where the file lacks the column."""
        return self.cells.get(column, "")

    def text(self, column: str, most: int, *, empty: bool = False) -> str:
        """Text for people: not empty, at most `most` characters, nothing a spreadsheet would run."""
        value = self.raw(column)
        if not value and not empty:
            self.fault(_("%(column)s is empty.") % {"column": column})
        if len(value) > most:
            self.fault(_("%(column)s is longer than %(most)d characters.") % {"column": column, "most": most})
        if value.startswith(FORMULA):
            self.fault(_("%(column)s begins with a sign that spreadsheets run as a formula.") % {"column": column})
        return value

    def slug(self, column: str) -> str:
        """Small letters, digits and single hyphens, at most 40."""
        return self._matching(column, SLUG, 40, _("small letters, digits and hyphens, such as satpol-pp"))

    def code(self, column: str) -> str:
        """An area code, at most 20 characters."""
        return self._matching(column, CODE, 20, _("an area code, such as 73.71.01.1006"))

    def _matching(self, column: str, shape: re.Pattern[str], most: int, description: str) -> str:
        value = self.raw(column)
        if not shape.fullmatch(value) or len(value) > most:
            self.fault(
                _('%(column)s "%(value)s" must be %(wanted)s.')
                % {"column": column, "value": value[:60], "wanted": description}
            )
        return value

    def number(self, column: str) -> float | None:
        """A finite number with a decimal point; None with a fault."""
        value = self.raw(column)
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        # float() also takes "nan", "inf" and "1_000".
        if not math.isfinite(number) or "_" in value:
            self.fault(
                _('%(column)s "%(value)s" is not a number; write it with a decimal point.')
                % {"column": column, "value": value[:40]}
            )
            return None
        return number

    def flag(self, column: str) -> bool:
        """yes/ya or no/tidak; empty is no."""
        value = self.raw(column).lower()
        if value not in YES | NO:
            self.fault(_('%(column)s "%(value)s" must be yes or no.') % {"column": column, "value": value[:40]})
        return value in YES

    def choice(self, column: str, choices: Collection[str], description: str) -> str:
        """A value that another file or rule names; `description` says which list it must be in."""
        value = self.raw(column)
        if value not in choices:
            self.fault(
                _('%(column)s "%(value)s" is not %(what)s.')
                % {"column": column, "value": value[:60], "what": description}
            )
        return value

    def email(self, column: str) -> str:
        """An e-mail address or nothing."""
        value = self.raw(column)
        try:
            if value:
                validate_email(value)
        except ValidationError:
            self.fault(_('%(column)s "%(value)s" is not an e-mail address.') % {"column": column, "value": value[:60]})
        return value

    def phone(self, column: str) -> str:
        """A telephone number or nothing."""
        value = self.raw(column)
        if value and not PHONE.fullmatch(value):
            self.fault(_('%(column)s "%(value)s" is not a telephone number.') % {"column": column, "value": value[:60]})
        return value


def refuse_duplicates(rows: Iterable[CsvRow], column: str) -> None:
    """A fault for each row whose value already stands on an earlier line."""
    first_lines: dict[str, int] = {}
    for row in rows:
        value = row.raw(column)
        first = first_lines.setdefault(value, row.line)
        if value and first != row.line:
            row.fault(
                _('%(column)s "%(value)s" already stands on line %(line)d.')
                % {"column": column, "value": value[:60], "line": first}
            )
