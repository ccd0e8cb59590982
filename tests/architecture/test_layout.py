"""Every room is laid out by one rule: what stands at its top level has a fixed meaning, the rest lies in folders."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Composition root: the only files that see every room.
ROOT_FILES = {"__init__.py", "settings.py", "urls.py", "api.py", "wsgi.py", "reactions.py"}
# Rooms without a domain: kit is leaf modules, runtime is programs, web the shell, demo a city that is made up.
FREE = {"kit", "runtime", "web", "demo"}
NAMES = set(
    """
    models states records queries actions presentation forms views api jobs feeds urls health apps middleware rights
    templatetags management migrations tests templates locale static __init__
    """.split()  # noqa: SIM905
)


def rooms() -> list[Path]:
    return sorted(path for path in (ROOT / "qlue").iterdir() if (path / "__init__.py").exists())


def test_the_root_holds_only_the_composition():
    files = {path.name for path in (ROOT / "qlue").iterdir() if path.is_file()}
    assert files <= ROOT_FILES


def test_a_room_has_no_loose_modules():
    """What is not one of the names lies in a folder that the domain has a word for."""
    loose = [
        str(path.relative_to(ROOT))
        for room in rooms()
        if room.name not in FREE
        for path in room.glob("*.py")
        if path.stem not in NAMES
    ]
    assert loose == []


def test_kit_is_leaf_modules():
    allowed = {"tests", "migrations", "__pycache__"}
    folders = {path.name for path in (ROOT / "qlue" / "kit").iterdir() if path.is_dir()}
    assert folders <= allowed


def test_modules_are_named_by_nouns_or_verbs():
    """No `telling.py`: a module is what it holds or what it does."""
    nouns = {"boosting", "landing", "caching", "sorting", "ranking", "smoothing", "siting", "mapping", "tracking"}
    bad = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "qlue").rglob("*.py")
        if path.stem.endswith("ing") and path.stem not in nouns and not {"migrations", "tests"} & set(path.parts)
    ]
    assert bad == []
