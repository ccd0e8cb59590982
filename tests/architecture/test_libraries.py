"""What is imported is declared, and what is declared stands in decision 6 with its licence and what it is for."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = ("base", "cameras", "insight", "brief", "parquet")
TABLE_ROW = re.compile(r"^\| (?P<names>[^|]+) \| [^|]+ \| (?P<part>[^|]+) \| [^|]+ \|$", re.MULTILINE)


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(part: str) -> set[str]:
    lines = (ROOT / "requirements" / f"{part}.in").read_text().split()
    return {plain(re.split(r"[\[<>=]", line)[0]) for line in lines}


def imported() -> set[str]:
    """The top-level modules that the product imports, wherever in a file."""
    found: set[str] = set()
    for path in (ROOT / "qlue").rglob("*.py"):
        if "tests" in path.parts or path.name == "testing.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"qlue", "bench"}


def test_what_the_product_imports_is_declared():
    known = set().union(*map(declared, PRODUCTION))
    distributions = packages_distributions()
    strangers = {name for name in imported() if known.isdisjoint(map(plain, distributions.get(name, ())))}
    assert not strangers


def test_decision_6_lists_every_library_in_its_part():
    text = (ROOT / "docs" / "decisions" / "0006-libraries.md").read_text()
    listed: dict[str, set[str]] = {part: set() for part in PRODUCTION}
    for row in TABLE_ROW.finditer(text):
        part = row["part"].strip()
        if part in (*PRODUCTION, "core"):
            listed["base" if part == "core" else part] |= {plain(name) for name in row["names"].split(", ")}
    assert listed == {part: declared(part) for part in PRODUCTION}


def test_the_lock_for_tests_has_the_versions_of_production():
    def pinned(kind: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9-]+==\S+", (ROOT / "requirements" / f"{kind}.txt").read_text(), re.MULTILINE))

    assert pinned("base") <= pinned("all") <= pinned("dev")
