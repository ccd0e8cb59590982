"""Code stays small enough to read at one go: files, functions, templates."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("qlue", "tools", "tests", "bench", "frontend")
KINDS = {".py", ".ts", ".mjs", ".html", ".scss", ".css", ".js", ".sql"}
SKIPPED = {"node_modules", "built", "migrations", "__pycache__"}
LONGEST_FILE, LONGEST_FUNCTION, USUAL_FUNCTION = 400, 40, 10
WIDEST_TEMPLATE_LINE = 120

INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=.application/(ld\+)?json)", re.IGNORECASE)
INLINE_STYLE = re.compile(r"<style\b|\sstyle\s*=\s*[\"']|\son(click|change|submit|load|input)\s*=", re.IGNORECASE)


def sources(*kinds: str) -> list[Path]:
    found = [path for folder in SOURCES for path in (ROOT / folder).rglob("*") if path.suffix in (kinds or KINDS)]
    return sorted(path for path in [*found, ROOT / "conftest.py"] if not SKIPPED & set(path.relative_to(ROOT).parts))


def functions() -> Iterator[tuple[str, int]]:
    """Each function of the product with its length in lines, decorators and docstring left out."""
    for path in sources(".py"):
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", length(node)


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(node.body) > 1
    words = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - words


def test_no_file_is_longer_than_400_lines():
    lines = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n") for path in sources()}
    assert not {path: count for path, count in lines.items() if count > LONGEST_FILE}


def test_no_function_is_longer_than_40_lines_and_most_are_short(capsys):
    lengths = dict(functions())
    assert not {name: count for name, count in lengths.items() if count > LONGEST_FUNCTION}
    usual = median(lengths.values())
    with capsys.disabled():
        print(f"\nmedian function: {usual} lines of {len(lengths)}")
    assert usual <= USUAL_FUNCTION


def templates() -> list[Path]:
    return sorted((ROOT / "qlue").glob("*/templates/**/*.html"))


def test_no_template_line_is_longer_than_120_characters():
    lines = {
        f"{path.relative_to(ROOT)}:{number}": len(line)
        for path in templates()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    }
    assert not {place: length for place, length in lines.items() if length > WIDEST_TEMPLATE_LINE}


@pytest.mark.parametrize("pattern", [INLINE_SCRIPT, INLINE_STYLE], ids=["script", "style"])
def test_no_template_has_script_or_style_inside(pattern):
    """The content security policy would block them, so they would only seem to work. Mail has no other way."""
    comments = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}|<!--.*?-->", re.DOTALL)
    pages = {
        path: comments.sub("", path.read_text(encoding="utf-8")) for path in templates() if path.name != "mail.html"
    }
    assert not [str(path.relative_to(ROOT)) for path, page in pages.items() if pattern.search(page)]
