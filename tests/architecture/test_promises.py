"""What one file promises about others: jobs by name, words by language, weights by budget, locks without hosts."""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

from tools import messages

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "qlue" / "web" / "static" / "built"
MOST_SCRIPT, MOST_STYLE = 40 * 1024, 30 * 1024  # bytes, gzipped, of a public page before any map
PUBLIC_ROOMS = ("reports", "web", "dashboard", "cities", "people", "channels", "insight")
HEAVY = 100 * 1024  # bytes; an island of that size draws maps or charts and loads when one comes into view


def test_every_reaction_names_a_job_that_exists():
    from procrastinate.contrib.django import app

    from qlue.reactions import REACTIONS

    for names in REACTIONS.values():
        for name in names:
            assert import_string(name)
            assert name in app.tasks, f"{name} is no job under this name"


def test_every_word_is_translated_to_indonesian():
    assert list(messages.faults()) == []


@pytest.fixture(scope="module")
def assets():
    manifest = BUILT / "assets.json"
    if not manifest.exists():
        pytest.skip("THE FRONT END IS NOT BUILT: make setup")
    return json.loads(manifest.read_text())


def weight(names):
    return sum(len(gzip.compress((BUILT / name).read_bytes(), 9)) for name in set(names))


def for_work_only():
    """Islands that no page of residents names: drawing on a camera's picture, a sensor's curve, officers' tasks."""
    named: dict[str, set[str]] = {room.name: set() for room in (ROOT / "qlue").iterdir() if room.is_dir()}
    for path in (ROOT / "qlue").glob("*/templates/**/*.html"):
        named[path.relative_to(ROOT / "qlue").parts[0]] |= set(re.findall(r'data-island="(\w+)"', path.read_text()))
    return set().union(*named.values()) - set().union(*(named[room] for room in PUBLIC_ROOMS))


def scripts(assets):
    """Everything a page with a form and a list can load before a map or a chart comes into view."""
    left_out = for_work_only()
    islands = [files for name, files in assets["islands"].items() if name not in left_out and weight(files) < HEAVY]
    return [assets["public.js"], *(file for files in islands for file in files)]


def test_a_public_page_stays_within_its_budget(assets, capsys):
    script, style = weight(scripts(assets)), weight([assets["public.css"]])
    with capsys.disabled():
        print(f"\nscript {script / 1024:.1f} KiB, style {style / 1024:.1f} KiB, gzipped")
    assert script <= MOST_SCRIPT
    assert style <= MOST_STYLE


def test_lock_files_name_hashes_and_no_hosts():
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert not re.findall(r"https?://\S+|--(?:extra-)?index-url|--find-links", text), path.name
        assert text.count("--hash=sha256:") >= len(re.findall(r"^\S+==", text, re.MULTILINE)) > 0, path.name
    packages = json.loads((ROOT / "frontend" / "package-lock.json").read_text())["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert not [name for name, package in packages.items() if name and "integrity" not in package]
