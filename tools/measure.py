"""How plain the code's language is: counts from the syntax trees, printed one a line; `--list NAME` shows the places.

The architecture tests hold the limits. Product means `qlue/` without migrations and tests.
"""

import argparse
import ast
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from tokenize import COMMENT, generate_tokens

ROOT = Path(__file__).resolve().parent.parent
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef

PRONOUNS = frozenset(
    """
    it its this that these those some any each all both other others none one ones who what which whose whom
    own same such here there theirs ours mine yours somebody everybody
    """.split()  # noqa: SIM905
)
IRREGULAR = frozenset(
    """
    found told said given made brought held seen known kept left shown taken written sent lost come came gone
    went begun begun become built bought caught chosen drawn driven fallen felt grown heard hidden laid led
    lent meant met paid put read risen rung run set sold spent spoken stood sworn taught thought thrown
    understood won worn done been had got gotten let cut hit hurt shut split spread cast bound broken borne
    born beaten
    """.split()  # noqa: SIM905
)
# Nouns and adjectives that only look like participles, and the field's own terms.
NOUNS = frozenset(
    """
    seed feed speed need bed shed red embed breed weed thread spread read run set put cut hit split cast bound
    left string ring king thing spring wing ping rating reading heading building setting ceiling greeting
    mapping meaning timing spelling embedding encoding scaling padding spacing warning briefing hearing meeting
    parking training evening morning drawing painting bearing recording binding routing listing banding
    crossing nothing something anything everything shared indexed hundred sacred
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Place:
    """Where something was counted."""

    path: str
    line: int
    name: str


@cache
def product_files(suffix: str = ".py") -> tuple[Path, ...]:
    """The product's own sources: no tests, no migrations, nothing built."""
    left_out = {"tests", "migrations", "built", "node_modules", "__pycache__"}
    paths = (ROOT / "qlue").rglob(f"*{suffix}")
    return tuple(sorted(path for path in paths if not left_out & set(path.relative_to(ROOT).parts)))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def place(path: Path, node: ast.AST, name: str) -> Place:
    return Place(str(path.relative_to(ROOT)), getattr(node, "lineno", 1), name)


def definitions(kind: type[ast.AST] | tuple[type[ast.AST], ...]) -> Iterator[tuple[Path, ast.AST]]:
    for path in product_files():
        yield from ((path, node) for node in ast.walk(tree_of(path)) if isinstance(node, kind))


# Local names


def is_vague(name: str) -> bool:
    """A participle or a pronoun alone, which says what was done to a value and not what it is."""
    word = name.strip("_").lower()
    if word in PRONOUNS or (word in IRREGULAR and word not in NOUNS):
        return True
    return bool(re.fullmatch(r"[a-z]{2,}(ed|ing)", word)) and word not in NOUNS


def locals_of(function: Function) -> dict[str, int]:
    """Every name that a function binds, parameters too, with the line where it does so first."""
    names: dict[str, int] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            names.setdefault(node.arg, node.lineno)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.setdefault(node.id, node.lineno)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.setdefault(node.name, node.lineno)
    return names


def local_names() -> Iterator[Place]:
    for path in product_files():
        for function in outer_functions(tree_of(path)):
            for name, line in locals_of(function).items():
                yield Place(str(path.relative_to(ROOT)), line, name)


def outer_functions(tree: ast.AST) -> Iterator[Function]:
    """Functions and methods; those inside of others are counted with them."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, FUNCTIONS):
            yield node
        else:
            yield from outer_functions(node)


def vague_locals() -> list[Place]:
    return [one for one in local_names() if is_vague(one.name)]


# Names of classes and functions

REQUIRED_BY_DJANGO = frozenset({"Meta", "Command", "Migration"})


def shared(places: list[Place]) -> list[Place]:
    counts = Counter(one.name for one in places)
    return [one for one in places if counts[one.name] > 1]


def classes() -> list[Place]:
    nodes = ((path, node) for path, node in definitions(ast.ClassDef) if isinstance(node, ast.ClassDef))
    return [place(path, node, node.name) for path, node in nodes if node.name not in REQUIRED_BY_DJANGO]


def top_functions() -> list[Place]:
    return [
        place(path, node, node.name)
        for path in product_files()
        for node in tree_of(path).body
        if isinstance(node, FUNCTIONS)
    ]


def functions() -> list[tuple[Path, Function]]:
    return [(path, node) for path, node in definitions(FUNCTIONS) if isinstance(node, FUNCTIONS)]


def any_returns() -> list[Place]:
    """Functions whose answer has no type: `Any` stands somewhere in the annotation."""
    return [
        place(path, node, node.name)
        for path, node in functions()
        if node.returns and any(isinstance(part, ast.Name) and part.id == "Any" for part in ast.walk(node.returns))
    ]


# Rows, tables and states


def zipped_rows() -> list[Place]:
    return [
        Place(str(path.relative_to(ROOT)), number, "dict(zip(")
        for path in product_files()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if "dict(zip(" in line.replace(" ", "")
    ]


def rooms() -> list[str]:
    return sorted(path.parent.name for path in (ROOT / "qlue").glob("*/migrations"))


def tables() -> dict[str, str]:
    """Every table that a migration or a model makes, with its room."""
    made: dict[str, str] = {}
    for room in rooms():
        for path in (ROOT / "qlue" / room / "migrations").glob("*.py"):
            text = path.read_text()
            made |= {f"{room}_{name.lower()}": room for name in re.findall(r"CreateModel\(\s*name=['\"](\w+)", text)}
            made |= dict.fromkeys(re.findall(rf"CREATE (?:UNLOGGED )?TABLE ({room}_\w+)", text), room)
    return made


def strings(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


# Where another room's table may be named, and why.
ROLL_UPS = "`qlue rebuild` counts all events and reports from zero, with the horizon of their transactions"
FOREIGN_TABLES_ALLOWED = {
    ("qlue/runtime/supervisor.py", "cities_city"): "runtime sees no room, and must know which packs a database holds",
    ("qlue/dashboard/rollups/sources.py", "timeline_happening"): ROLL_UPS,
    ("qlue/dashboard/rollups/sources.py", "timeline_follower"): ROLL_UPS,
    ("qlue/dashboard/rollups/sources.py", "cities_city"): ROLL_UPS,
    ("qlue/dashboard/rollups/sources.py", "reports_mapcell"): ROLL_UPS,
    ("qlue/demo/sensors/load.py", "things_pulse"): "asks once whether a made-up past is there already",
}


def foreign_tables() -> list[Place]:
    """Names of another room's tables inside of strings, but for the exceptions above."""
    known = tables()
    pattern = re.compile(r"\b(" + "|".join(sorted(known, key=len, reverse=True)) + r")\b")
    return [
        Place(str(path.relative_to(ROOT)), line, name)
        for path in product_files()
        for line, text in strings(path)
        for name in pattern.findall(text)
        if known[name] != path.relative_to(ROOT / "qlue").parts[0]
        and (str(path.relative_to(ROOT)), name) not in FOREIGN_TABLES_ALLOWED
    ]


STATES = frozenset(
    """
    received routed accepted in_progress on_hold resolved confirmed reopened rejected merged handed_over
    unserved offered declined en_route on_site working submitted returned approved closed cancelled draft
    """.split()  # noqa: SIM905
)
QUOTED_STATE = re.compile(rf"\b(?:status|state)\b\s*(?:=|<>|!=|IN|NOT IN)\s*\(?\s*'(?:{'|'.join(STATES)})'")


def quoted_states() -> list[Place]:
    """States of reports and orders written as text where they are compared, assigned or listed."""
    return [
        *(Place(*where) for path in product_files() if path.name != "states.py" for where in _states_in(path)),
    ]


def _states_in(path: Path) -> Iterator[tuple[str, int, str]]:
    name = str(path.relative_to(ROOT))
    for line, text in strings(path):
        yield from ((name, line, quoted) for quoted in QUOTED_STATE.findall(text))
    for node in ast.walk(tree_of(path)):
        yield from ((name, line, state) for line, state in _literal_states(node))


def _is_state(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in STATES


def _is_about_state(node: ast.AST | None) -> bool:
    text = ast.unparse(node) if node else ""
    return bool(re.search(r"\b\w*(?:status|state|colour_of)\b", text))


def _literal_states(node: ast.AST) -> Iterator[tuple[int, str]]:
    candidates: list[ast.AST | None] = []
    if isinstance(node, ast.Compare) and any(map(_is_about_state, [node.left, *node.comparators])):
        candidates = [part for side in [node.left, *node.comparators] for part in ast.walk(side)]
    elif isinstance(node, ast.keyword) and node.arg in ("status", "state", "target"):
        candidates = [node.value]
    elif isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        keys = ("status", "state")
        candidates = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value in keys]
    elif isinstance(node, ast.Tuple | ast.List | ast.Set) and len(node.elts) > 1 and all(map(_is_state, node.elts)):
        candidates = list(node.elts)
    for candidate in candidates:
        if isinstance(candidate, ast.Constant) and _is_state(candidate):
            yield candidate.lineno, str(candidate.value)


# Shape


def length(node: Function) -> int:
    """Lines of a function without decorators and docstring."""
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(node.body) > 1
    words = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - words


def long_functions() -> list[Place]:
    return [place(path, node, node.name) for path, node in functions() if length(node) > 40]


def long_lines() -> list[Place]:
    """Lines of templates over 120 characters."""
    return [
        Place(str(path.relative_to(ROOT)), number, f"{len(line)} characters")
        for path in product_files(".html")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 120
    ]


def long_files() -> list[Place]:
    return [
        Place(str(path.relative_to(ROOT)), count, f"{count} lines")
        for path in product_files()
        if (count := path.read_text(encoding="utf-8").count("\n")) > 400
    ]


def unformatted() -> list[Place]:
    return [
        Place(str(path.relative_to(ROOT)), number, "fmt: skip")
        for path in product_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "# fmt: " in line
    ]


def comment_lines() -> list[Place]:
    """Lines with a comment that is meant for people."""
    places = []
    for path in product_files():
        with path.open(encoding="utf-8") as file:
            for token in generate_tokens(file.readline):
                if token.type == COMMENT and not re.match(r"#\s*(noqa|type:|fmt:|mypy:|ruff:)", token.string):
                    places.append(Place(str(path.relative_to(ROOT)), token.start[0], token.string))
    return places


def total_lines() -> int:
    return sum(path.read_text(encoding="utf-8").count("\n") for path in product_files())


# Printing


@dataclass(frozen=True)
class Measure:
    """One figure: the places it counts, out of how many (None: their number is the figure), and the limit."""

    name: str
    places: Callable[[], list[Place]]
    total: Callable[[], int] | None
    limit: float
    at_least: bool = False

    def value(self) -> float:
        counted = len(self.places())
        return round(100 * counted / max(1, self.total()), 2) if self.total else counted

    def is_kept(self) -> bool:
        return self.value() >= self.limit if self.at_least else self.value() <= self.limit


MEASURES = (
    Measure("vague_locals_percent", vague_locals, lambda: len(list(local_names())), 0.5),
    Measure("shared_class_names_percent", lambda: shared(classes()), lambda: len(classes()), 3),
    Measure("shared_function_names_percent", lambda: shared(top_functions()), lambda: len(top_functions()), 12),
    Measure("any_returns_percent", any_returns, lambda: len(functions()), 3),
    Measure("zipped_rows", zipped_rows, None, 0),
    Measure("foreign_tables", foreign_tables, None, 0),
    Measure("quoted_states", quoted_states, None, 0),
    Measure("long_template_lines", long_lines, None, 0),
    Measure("long_functions", long_functions, None, 0),
    Measure("long_files", long_files, None, 0),
    Measure("format_skips", unformatted, None, 20),
    Measure("comment_lines_percent", comment_lines, total_lines, 3, at_least=True),
)


def median_function() -> float:
    return median(length(node) for _, node in functions())


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", metavar="NAME", help="print the places that one figure counts")
    parser.add_argument("--under", default="", help="only places under this path, with --list")
    options = parser.parse_args(arguments)
    for measure in MEASURES:
        if options.list == measure.name:
            for found in measure.places():
                if found.path.startswith(options.under):
                    print(f"{found.path}:{found.line} {found.name}")
        elif not options.list:
            sign = "" if measure.is_kept() else "  MISSED"
            print(f"{measure.name:32} {measure.value():8} (limit {measure.limit}){sign}")
    if not options.list:
        print(f"{'median_function_lines':32} {median_function():8} (limit 8)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
