"""Understanding everyday words: which category, which kelurahan, which command, by the pack's own word lists."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache

from qlue.cities.facts import AreaFacts, CategoryFacts, CityFacts
from qlue.kit.ids import report_id

YES = frozenset({"ya", "y", "iya", "yes", "ok", "oke", "benar", "betul", "kirim", "setuju", "1"})
NO = frozenset({"tidak", "tdk", "no", "salah", "bukan", "ubah", "2"})  # "1" and "2" as the options are numbered
SKIP = frozenset({"lewati", "lewat", "skip", "tanpa foto", "tidak ada", "tidak", "nanti", "selesai"})
CANCEL = frozenset({"batal", "batalkan", "cancel", "stop", "berhenti"})
HELP = frozenset({"bantuan", "help", "info", "menu", "?", "tolong", "start", "mulai", "halo", "hai", "hi", "hallo"})
_POLITE = """halo hallo hai hi selamat pagi siang sore malam assalamualaikum permisi maaf min admin pak bu bapak ibu kak
saya kami mau ingin hendak bisa tolong mohon lapor melapor laporan melaporkan ada terima kasih makasih dong ya"""
POLITE = frozenset(_POLITE.split())  # a text of these words alone describes nothing
REPORT = re.compile(r"^\W*(?:lapor(?:an|kan)?|report|aduan|adu)\b[\s:,.#-]*", re.IGNORECASE)
STATUS = re.compile(r"^\W*(?:status|cek|cek status)\b[\s:#]*(.*)$", re.IGNORECASE | re.DOTALL)
LANDMARK = re.compile(
    r"\b(?:di|dekat|dkt|depan|dpn|samping|sebelah|seberang|belakang|blkg|jl\.?|jln\.?|jalan)\s+\S.*", re.IGNORECASE
)
MIN_UNPREFIXED_NAME = 5  # letters; a shorter kelurahan must be named with "kel." or asked for
MAX_PARSED_LENGTH = 1500  # letters that are looked through

_NOT_WORDS = re.compile(r"[^\w]+")


def normalize(text: str) -> str:
    """Lower case, single blanks, no signs or accents: what is compared with what."""
    letters_and_marks = unicodedata.normalize("NFKD", text[:MAX_PARSED_LENGTH].casefold())
    letters = "".join(letter for letter in letters_and_marks if not unicodedata.combining(letter))
    return _NOT_WORDS.sub(" ", letters).replace("_", " ").strip()


def parse_command(text: str) -> tuple[str, str]:
    """(cancel | help | status | report | "", rest of the words)."""
    plain_text = normalize(text)
    if plain_text in CANCEL:
        return "cancel", ""
    if plain_text in HELP:
        return "help", ""
    if match := STATUS.match(text[:MAX_PARSED_LENGTH]):
        return "status", match[1].strip()
    if match := REPORT.match(text):
        return "report", text[match.end() :].strip()
    return "", text


def find_report_code(city: CityFacts, text: str) -> str:
    """A report's code where the message is nothing else."""
    code = text.strip().upper()
    is_code = code.startswith(f"{city.code_prefix.upper()}-") and len(code) < 20 and report_id(code) is not None
    return code if is_code else ""


def find_category(categories: Sequence[CategoryFacts], text: str) -> CategoryFacts | None:
    """The category whose everyday words cover most letters of the text; None where no word is known."""
    plain_text = f" {normalize(text)} "
    scores = {category.id: _phrase_score(plain_text, _category_phrases(category)) for category in categories}
    best = max(categories, key=lambda category: scores[category.id], default=None)
    return best if best and scores[best.id] else None


def _phrase_score(plain_text: str, phrases: Iterable[str]) -> int:
    return sum(len(phrase) for phrase in phrases if f" {phrase} " in plain_text)


@lru_cache(maxsize=4096)
def _category_phrases(category: CategoryFacts) -> frozenset[str]:
    return frozenset(filter(None, (normalize(text) for text in (category.name, *category.words))))


def find_areas(kelurahan: Sequence[AreaFacts], text: str, *, is_answer: bool) -> list[AreaFacts]:
    """The kelurahan that the text may mean: one, several of one name, or none. `is_answer`: Qlue had asked for it."""
    plain_text = f" {normalize(text)} "
    matches = [area for area in kelurahan if _mentions_area(plain_text, normalize(area.name), is_answer)]
    if not matches and is_answer:
        return _similar_areas(kelurahan, plain_text.strip())
    # "Maccini Sombala" also mentions "Maccini": the longest name is the one that was meant.
    longest = max((len(area.name) for area in matches), default=0)
    return [area for area in matches if len(area.name) == longest]


def _mentions_area(plain_text: str, name: str, is_answer: bool) -> bool:
    if is_answer or len(name) >= MIN_UNPREFIXED_NAME:
        return f" {name} " in plain_text
    return any(f" {prefix} {name} " in plain_text for prefix in ("kel", "kelurahan", "lurah"))


def _similar_areas(kelurahan: Sequence[AreaFacts], plain_text: str) -> list[AreaFacts]:
    """Areas whose name comes close to the text: many names are mistyped."""
    name = plain_text.removeprefix("kelurahan ").removeprefix("kel ")
    close_names = set(get_close_matches(name, {normalize(area.name) for area in kelurahan}, n=3, cutoff=0.8))
    return [area for area in kelurahan if normalize(area.name) in close_names]


def has_content(text: str, min_letters: int) -> bool:
    """Whether more than so many letters remain without greetings and politeness."""
    return sum(len(word) + 1 for word in normalize(text).split() if word not in POLITE) > min_letters


def find_landmark(text: str) -> str:
    """From the first word of place on: "di Jl. Veteran dekat pasar"."""
    match = LANDMARK.search(" ".join(text.split()))
    return match[0][:200].strip() if match else ""


def parse_choice(offered_ids: Sequence[str], button_id: str, text: str) -> str:
    """The id of what was offered: by its button, or by its number."""
    if button_id in offered_ids:
        return button_id
    number = text.strip().rstrip(".)")
    # isdecimal() alone also takes digits of other scripts; four digits are enough, and int() of a whole message is not.
    if number.isascii() and number.isdecimal() and 1 <= int(number[:4]) <= len(offered_ids):
        return offered_ids[int(number) - 1]
    return ""
