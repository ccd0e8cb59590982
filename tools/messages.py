"""The words of the pages: `extract` finds them, `check` tells what lacks a translation, `compile` makes them usable.

Message ids are English; each room keeps its Indonesian in `qlue/<room>/locale/id/LC_MESSAGES/django.po`. No gettext
programs are needed. `compile` needs polib alone; `extract` and `check` need Babel and Django.
"""

import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "qlue"
ROOT_FILES_ROOM = "web"  # words of the composition root live with the shell
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "G"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
HEADER = {"MIME-Version": "1.0", "Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit"}
INDONESIAN = HEADER | {"Language": "id", "Plural-Forms": "nplurals=1; plural=0;"}


@dataclass
class Word:
    """One message as the code names it, with the files that do."""

    text: str
    plural: str = ""
    context: str | None = None
    files: set[str] = field(default_factory=set)

    @property
    def key(self) -> tuple[str | None, str]:
        return (self.context, self.text)


Words = dict[tuple[str | None, str], Word]


def catalog(room: str) -> Path:
    return PACKAGE / room / "locale" / "id" / "LC_MESSAGES" / "django.po"


def rooms() -> dict[str, list[Path]]:
    """The source files whose words each room translates."""
    found: dict[str, list[Path]] = {}
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html"), *PACKAGE.rglob("*.txt")]):
        parts = path.relative_to(PACKAGE).parts
        if "tests" not in parts and "migrations" not in parts:
            found.setdefault(parts[0] if len(parts) > 1 else ROOT_FILES_ROOM, []).append(path)
    return found


def words_of(files: list[Path]) -> Words:
    words: Words = {}
    for path in files:
        for word in words_in(path):
            words.setdefault(word.key, word).files.add(str(path.relative_to(ROOT)))
    return words


def words_in(path: Path) -> Iterator[Word]:
    from babel.messages.extract import extract

    source = path.read_text(encoding="utf-8")
    code = source if path.suffix == ".py" else template_as_code(source, path)
    for _line, found, _comments, context in extract("python", io.BytesIO(code.encode()), KEYWORDS):
        text, plural = (found[0], found[1]) if isinstance(found, tuple) else (found, "")
        if text:
            yield Word(text, plural, context)


def template_as_code(source: str, path: Path) -> str:
    """Django turns a template into something like Python; inside brackets its indentation means nothing."""
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    return f"(\n{templatize(source, origin=str(path))}\n)"


# Verbs


def extract_all() -> int:
    """Bring every catalogue up to date: new words come in untranslated, words no longer used go."""
    for room, files in rooms().items():
        words = words_of(files)
        if words:
            print(f"{room}: {len(words)} words, {update(catalog(room), words)} without translation")
    return 0


def update(path: Path, words: Words) -> int:
    old = polib.pofile(str(path)) if path.exists() else polib.POFile()
    known = {(entry.msgctxt, entry.msgid): entry for entry in old if not entry.obsolete}
    new = polib.POFile(wrapwidth=110)
    new.metadata = INDONESIAN
    for key, word in sorted(words.items(), key=lambda pair: (min(pair[1].files), pair[0][1])):
        new.append(entry_of(word, known.get(key)))
    path.parent.mkdir(parents=True, exist_ok=True)
    new.save(str(path))
    return len(new.untranslated_entries())


def entry_of(word: Word, old: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(
        msgid=word.text, msgctxt=word.context, occurrences=[(name, "") for name in sorted(word.files)]
    )
    if word.plural:
        entry.msgid_plural = word.plural
        entry.msgstr_plural = old.msgstr_plural if old and old.msgstr_plural else {0: ""}
    else:
        entry.msgstr = old.msgstr if old else ""
    if any(PLACEHOLDER.match(part) for part in word.text.split() if part.startswith("%")):
        entry.flags = ["python-format"]
    return entry


def faults() -> Iterator[str]:
    """What a reader of Indonesian would stumble over, one line each."""
    known = everything_translated()
    yield from contradictions(known)
    for room, files in rooms().items():
        for key, word in words_of(files).items():
            if fault := fault_of(word, [entry for _, entry in known.get(key, [])]):
                yield f"{catalog(room).relative_to(ROOT)}: {fault}: {word.text!r} ({min(word.files)})"


def everything_translated() -> dict[tuple[str | None, str], list[tuple[str, polib.POEntry]]]:
    """Each message with the rooms that translate it; Django serves all of them as one catalogue."""
    found: dict[tuple[str | None, str], list[tuple[str, polib.POEntry]]] = {}
    for path in sorted(PACKAGE.glob("*/locale/id/LC_MESSAGES/django.po")):
        for entry in polib.pofile(str(path)):
            if not entry.obsolete:
                found.setdefault((entry.msgctxt, entry.msgid), []).append((path.relative_to(PACKAGE).parts[0], entry))
    return found


def contradictions(known: dict[tuple[str | None, str], list[tuple[str, polib.POEntry]]]) -> Iterator[str]:
    """One English word, two Indonesian ones: then it depends on the order of rooms which one people read."""
    for (_, text), entries in known.items():
        said = {(entry.msgstr or entry.msgstr_plural.get(0, "")): room for room, entry in entries}
        if len(said) > 1:
            yield f"{text!r} is translated differently: " + ", ".join(f"{room} says {s!r}" for s, room in said.items())


def fault_of(word: Word, entries: list[polib.POEntry]) -> str:
    if not entries:
        return "missing"
    entry = entries[0]
    if entry.fuzzy:
        return "fuzzy"
    texts = list(entry.msgstr_plural.values()) if word.plural else [entry.msgstr]
    if not texts or not all(texts):
        return "not translated"
    wanted = placeholders(word.plural or word.text)
    if any(placeholders(text) != wanted for text in texts):
        return f"placeholders differ from {sorted(wanted)}"
    return ""


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text.replace("%%", "")))


def check_all() -> int:
    found = list(faults())
    print("\n".join(found) or "every word is translated")
    return 1 if found else 0


def compile_all() -> int:
    for path in sorted(PACKAGE.glob("*/locale/*/LC_MESSAGES/django.po")):
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))
    return 0


VERBS = {"extract": extract_all, "check": check_all, "compile": compile_all}

if __name__ == "__main__":
    if sys.argv[1:2] == [] or sys.argv[1] not in VERBS:
        sys.exit(f"usage: python tools/messages.py {'|'.join(VERBS)}")
    sys.exit(VERBS[sys.argv[1]]())
