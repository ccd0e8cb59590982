"""agencies.csv, categories.csv, routes.csv, deadlines.csv and users.csv."""

import re
from collections.abc import Collection
from pathlib import Path

from django.utils.translation import gettext as _

from qlue.cities.pack.contents import AgencyRow, AuthorityRow, CategoryRow, DeadlineRow, RouteRow, UserRow
from qlue.cities.pack.faults import Findings
from qlue.cities.pack.files import read_pack_csv
from qlue.cities.pack.row import CsvRow, refuse_duplicates

# Categories and deadlines for a city that names none: those that the cities of Qlue used.
STANDARD = Path(__file__).parent.parent / "standard"

FORMS = ("aid",)  # categories with a form of their own: social assistance
CLOCKS = ("working", "always")
ROLES = ("officer", "head", "operator", "mayor", "admin")
OF_AN_AGENCY = ("officer", "head")
MIN_PASSWORD = 10  # characters, as `settings.AUTH_PASSWORD_VALIDATORS` asks of real people
USERNAME = re.compile(r"[a-z0-9]([a-z0-9.@+_-]{0,148}[a-z0-9])?")
MAX_HOURS = 24 * 366  # a year
NATIONAL_RESPOND_HOURS, NATIONAL_RESOLVE_HOURS = 24, 480


def read_agencies(folder: Path, findings: Findings) -> list[AgencyRow]:
    """The city's agencies; an empty list means that the city has not joined yet."""
    rows = read_pack_csv(folder, "agencies.csv", ("slug", "name", "short_name"), findings, ("phone", "email")) or []
    refuse_duplicates(rows, "slug")
    return [
        AgencyRow(
            row.slug("slug"), row.text("name", 120), row.text("short_name", 40), row.phone("phone"), row.email("email")
        )
        for row in rows
    ]


def read_authorities(folder: Path, agencies: Collection[str], findings: Findings) -> list[AuthorityRow]:
    """Authorities that are not the city's own; `agencies` are slugs that they may not take."""
    rows = read_pack_csv(folder, "outside.csv", ("slug", "name"), findings, ("email", "phone", "matters")) or []
    refuse_duplicates(rows, "slug")
    for row in rows:
        if row.raw("slug") in agencies:
            row.fault(_("%(slug)s is already an agency of the city.") % {"slug": row.raw("slug")})
    return [
        AuthorityRow(
            row.slug("slug"),
            row.text("name", 120),
            row.email("email"),
            row.phone("phone"),
            row.text("matters", 200, empty=True),
        )
        for row in rows
    ]


def read_categories(folder: Path, agency_slugs: Collection[str], findings: Findings) -> list[CategoryRow]:
    """The categories in the order of the form; `known` are the agencies' slugs."""
    columns = ("slug", "name", "icon")
    # All or nothing: mixing a pack's categories with the usual ones would give residents two words for one thing.
    home = folder if (folder / "categories.csv").exists() else STANDARD
    rows = read_pack_csv(home, "categories.csv", columns, findings, ("name_en", "agency", "private", "words", "form"))
    refuse_duplicates(rows or [], "slug")
    if rows == []:
        findings.fault("categories.csv", None, _("There is not one category."))
    return [_category_row(row, agency_slugs) for row in rows or []]


def _category_row(row: CsvRow, agency_slugs: Collection[str]) -> CategoryRow:
    if row.raw("agency"):
        row.choice("agency", agency_slugs, _("in agencies.csv"))
    if row.raw("form"):
        row.choice("form", FORMS, _("a form that Qlue has"))
    # Commas too: in a file with semicolons between columns they need no quotation marks.
    words = [word.strip() for word in re.split(r"[;,]", row.text("words", 2000, empty=True))]
    return CategoryRow(
        slug=row.slug("slug"),
        name=row.text("name", 80),
        name_en=row.text("name_en", 80, empty=True),
        icon=row.slug("icon"),
        agency=row.raw("agency"),
        private=row.flag("private"),
        words=", ".join(dict.fromkeys(filter(None, words))),
        form=row.raw("form"),
    )


def read_routes(
    folder: Path, categories: Collection[str], areas: Collection[str], agencies: Collection[str], findings: Findings
) -> list[RouteRow]:
    """Where a category goes to another agency in one kecamatan or kelurahan."""
    rows = read_pack_csv(folder, "routes.csv", ("category", "area", "agency"), findings) or []
    first_lines: dict[tuple[str, str], int] = {}
    for row in rows:
        row.choice("category", categories, _("in categories.csv"))
        row.choice("area", areas, _("the code of an area of this city"))
        row.choice("agency", agencies, _("in agencies.csv"))
        first = first_lines.setdefault((row.raw("category"), row.raw("area")), row.line)
        if first != row.line:
            row.fault(_("This category and area already stand on line %(line)d.") % {"line": first})
    return [RouteRow(row.raw("category"), row.raw("area"), row.raw("agency"), row.line) for row in rows]


def read_deadlines(folder: Path, categories: Collection[str], findings: Findings) -> list[DeadlineRow]:
    """Hours per category; without the file the standard ones, as far as the city has their categories."""
    has_own_file = (folder / "deadlines.csv").exists()
    columns = ("category", "respond_hours", "resolve_hours", "clock")
    rows = read_pack_csv(folder if has_own_file else STANDARD, "deadlines.csv", columns, findings) or []
    category_slugs = {*categories, "*"}
    # The standard file is ours: it may name categories that this city does not have.
    if not has_own_file:
        return [_deadline_row(row) for row in rows if row.raw("category") in category_slugs]
    refuse_duplicates(rows, "category")
    for row in rows:
        row.choice("category", category_slugs, _("in categories.csv"))
    if rows and not any(row.raw("category") == "*" for row in rows):
        findings.fault("deadlines.csv", None, _("A line for * is missing: it holds for all other categories."))
    return [_deadline_row(row) for row in rows]


def _deadline_row(row: CsvRow) -> DeadlineRow:
    respond, resolve = _hours_cell(row, "respond_hours"), _hours_cell(row, "resolve_hours")
    if respond > resolve:
        row.fault(_("The first answer cannot be due after the end: respond_hours is more than resolve_hours."))
    clock = row.choice("clock", CLOCKS, _("working or always"))
    # A note only: a city may have its reasons, and the rule counts office hours, not those around the clock.
    if clock == "working" and (respond > NATIONAL_RESPOND_HOURS or resolve > NATIONAL_RESOLVE_HOURS):
        reason = _("National rules ask for an answer in 3 working days (24 hours) and an end in 60 (480 hours).")
        row.findings.note(row.file, row.line, reason)
    return DeadlineRow(row.raw("category"), respond, resolve, clock)


def _hours_cell(row: CsvRow, column: str) -> float:
    value = row.number(column)
    if value is None:
        return 1.0
    if not 0 < value <= MAX_HOURS:
        row.fault(_("%(column)s must be more than 0 and at most %(most)d.") % {"column": column, "most": MAX_HOURS})
    return value


def read_users(folder: Path, agencies: Collection[str], findings: Findings) -> list[UserRow]:
    """Accounts for demos."""
    columns = ("username", "name", "role", "password")
    rows = read_pack_csv(folder, "users.csv", columns, findings, ("agency",)) or []
    refuse_duplicates(rows, "username")
    return [_user_row(row, agencies) for row in rows]


def _user_row(row: CsvRow, agencies: Collection[str]) -> UserRow:
    username, password = row.raw("username"), row.raw("password")
    if not USERNAME.fullmatch(username):
        row.fault(_('username "%(name)s" may hold small letters, digits and . @ + - _ only.') % {"name": username[:60]})
    if len(password) < MIN_PASSWORD:
        row.fault(_("password needs %(least)d characters at least.") % {"least": MIN_PASSWORD})
    role = row.choice("role", ROLES, _("one of: %(roles)s") % {"roles": ", ".join(ROLES)})
    agency = row.raw("agency")
    if agency:
        row.choice("agency", agencies, _("in agencies.csv"))
    elif role in OF_AN_AGENCY:
        row.fault(_("role %(role)s needs an agency.") % {"role": role})
    return UserRow(username, row.text("name", 150), role, agency, password)
