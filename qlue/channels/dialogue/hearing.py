"""Understanding everyday words: which category, which kelurahan, which command. No model, only the pack's own words."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache

from qlue.cities.facts import AreaFacts, CategoryFacts, CityFacts
from qlue.kit.ids import report_id

YES = frozenset({"ya", "y", "iya", "yes", "ok", "oke", "benar", "betul", "kirim", "setuju", "1"})
NO = frozenset({"tidak", "tdk", "no", "salah", "bukan", "ubah", "2"})
SKIP = frozenset({"lewati", "lewat", "skip", "tanpa foto", "tidak ada", "tidak", "nanti", "selesai"})
CANCEL = frozenset({"batal", "batalkan", "cancel", "stop", "berhenti"})
HELP = frozenset({"bantuan", "help", "info", "menu", "?", "tolong", "start", "mulai", "halo", "hai", "hi", "hallo"})
_POLITE = """halo hallo hai hi selamat pagi siang sore malam assalamualaikum permisi maaf min admin pak bu bapak ibu kak
saya kami mau ingin hendak bisa tolong mohon lapor melapor laporan melaporkan ada terima kasih makasih dong ya"""
POLITE = frozenset(_POLITE.split())  # who only says this has not told anything yet
REPORT = re.compile(r"^\W*(?:lapor(?:an|kan)?|report|aduan|adu)\b[\s:,.#-]*", re.IGNORECASE)
STATUS = re.compile(r"^\W*(?:status|cek|cek status)\b[\s:#]*(.*)$", re.IGNORECASE | re.DOTALL)
LANDMARK = re.compile(
    r"\b(?:di|dekat|dkt|depan|dpn|samping|sebelah|seberang|belakang|blkg|jl\.?|jln\.?|jalan)\s+\S.*", re.IGNORECASE
)
SHORT_NAME = 5  # letters; a shorter kelurahan must be named with "kel." or asked for
LONGEST_HEARD = 1500  # letters that are looked through

_NOT_WORDS = re.compile(r"[^\w]+")


def plain(text: str) -> str:
    """Lower case, single blanks, no signs or accents: what is compared with what."""
    stripped = unicodedata.normalize("NFKD", text[:LONGEST_HEARD].casefold())
    letters = "".join(letter for letter in stripped if not unicodedata.combining(letter))
    return _NOT_WORDS.sub(" ", letters).replace("_", " ").strip()


def command(text: str) -> tuple[str, str]:
    """(cancel | help | status | report | "", rest of the words)."""
    said = plain(text)
    if said in CANCEL:
        return "cancel", ""
    if said in HELP:
        return "help", ""
    if found := STATUS.match(text[:LONGEST_HEARD]):
        return "status", found[1].strip()
    if found := REPORT.match(text):
        return "report", text[found.end() :].strip()
    return "", text


def code_in(city: CityFacts, text: str) -> str:
    """A report's code where the message is nothing else."""
    said = text.strip().upper()
    known = said.startswith(f"{city.code_prefix.upper()}-") and len(said) < 20 and report_id(said) is not None
    return said if known else ""


def category_in(categories: Sequence[CategoryFacts], text: str) -> CategoryFacts | None:
    """The category whose everyday words cover most letters of the text; None where no word is known."""
    said = f" {plain(text)} "
    scores = {one.id: _score(said, _phrases(one)) for one in categories}
    best = max(categories, key=lambda one: scores[one.id], default=None)
    return best if best and scores[best.id] else None


def _score(said: str, phrases: Iterable[str]) -> int:
    return sum(len(phrase) for phrase in phrases if f" {phrase} " in said)


@lru_cache(maxsize=4096)
def _phrases(category: CategoryFacts) -> frozenset[str]:
    return frozenset(filter(None, (plain(text) for text in (category.name, *category.words))))


def areas_in(kelurahan: Sequence[AreaFacts], text: str, *, asked: bool) -> list[AreaFacts]:
    """The kelurahan that the words may mean: one, several of one name, or none. `asked`: we asked for just that."""
    said = f" {plain(text)} "
    fitting = [one for one in kelurahan if _named(said, plain(one.name), asked)]
    if not fitting and asked:
        return _alike(kelurahan, said.strip())
    longest = max((len(one.name) for one in fitting), default=0)
    return [one for one in fitting if len(one.name) == longest]


def _named(said: str, name: str, asked: bool) -> bool:
    if asked or len(name) >= SHORT_NAME:
        return f" {name} " in said
    return any(f" {prefix} {name} " in said for prefix in ("kel", "kelurahan", "lurah"))


def _alike(kelurahan: Sequence[AreaFacts], said: str) -> list[AreaFacts]:
    """Somebody mistyped the name."""
    wanted = said.removeprefix("kelurahan ").removeprefix("kel ")
    close = set(get_close_matches(wanted, {plain(one.name) for one in kelurahan}, n=3, cutoff=0.8))
    return [one for one in kelurahan if plain(one.name) in close]


def tells(text: str, least: int) -> bool:
    """Whether so many letters remain without greetings and politeness."""
    return sum(len(word) + 1 for word in plain(text).split() if word not in POLITE) > least


def landmark_in(text: str) -> str:
    """From the first word of place on: "di Jl. Veteran dekat pasar"."""
    found = LANDMARK.search(" ".join(text.split()))
    return found[0][:200].strip() if found else ""


def chosen(offered: Sequence[str], heard_choice: str, text: str) -> str:
    """The id of what was offered: by its button, or by its number."""
    if heard_choice in offered:
        return heard_choice
    number = text.strip().rstrip(".)")
    if number.isascii() and number.isdecimal() and 1 <= int(number[:4]) <= len(offered):
        return offered[int(number) - 1]
    return ""
