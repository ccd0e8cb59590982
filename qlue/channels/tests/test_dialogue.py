"""The dialogue itself: pure functions, so its tests need no messages, only what was said."""

import random
from itertools import permutations

import pytest
from django.utils import translation

from qlue.channels.dialogue import parse as hearing
from qlue.channels.dialogue.state import (
    DialogueContext,
    DialogueState,
    DraftPhoto,
    ShowStatus,
    SubmitReport,
    UserMessage,
)
from qlue.channels.dialogue.turn import take_turn
from qlue.cities.facts import area_at
from qlue.reports.tests.making import INSIDE

PHOTO = DraftPhoto("0193a000-0000-7000-8000-000000000000", 64, 48)


@pytest.fixture
def know(makassar):
    with translation.override("id"):
        yield DialogueContext(
            makassar, makassar.open_categories, makassar.kelurahan, lambda lon, lat: area_at(makassar, lon, lat)
        )


def say(know, *messages, state=None):
    """The last turn of a conversation; a text stands for a message of just that."""
    state, turn = state or DialogueState(), None
    for n, one in enumerate(messages):
        turn = take_turn(know, state, one if isinstance(one, UserMessage) else UserMessage(f"m{n}", one))
        state = turn.state
    assert turn
    return turn


def test_any_order_of_the_same_messages_ends_at_the_same_report(know):
    parts = [
        UserMessage("a", "Sampah menumpuk di depan pasar"),
        UserMessage("b", place=INSIDE),
        UserMessage("c", photos=(PHOTO,)),
    ]
    drafts = {say(know, *order).state.draft for order in permutations(parts)}
    assert len(drafts) == 1
    assert say(know, *parts).state.step == "confirm"
    assert isinstance(say(know, *parts, "ya").action, SubmitReport)


def test_after_handing_in_it_has_forgotten_everything(know):
    turn = say(know, "Sampah menumpuk di depan pasar", UserMessage("b", place=INSIDE), "lewati", "YA")
    assert turn.state == DialogueState()
    assert turn.action
    assert say(know, "ya", state=turn.state).action is None


def test_a_place_elsewhere_is_not_taken(know):
    turn = say(know, "Sampah menumpuk di depan pasar", UserMessage("b", place=(106.8, -6.2)))
    assert "di luar Makassar" in turn.replies[0].text
    assert turn.state.draft.lon is None


def test_a_name_that_two_kelurahan_share_is_asked_back(know):
    names = [one.name for one in know.kelurahan]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is None:
        pytest.skip("no two kelurahan of this pack share a name")
    turn = say(know, "Sampah menumpuk di depan pasar", twice)
    assert "Yang mana" in turn.replies[0].text
    assert say(know, "1", state=turn.state).state.draft.area


def test_starting_again_and_lapor_begin_anew(know):
    whole = ("Sampah menumpuk di depan pasar", UserMessage("b", place=INSIDE), "lewati")
    assert say(know, *whole, "tidak").state.draft.category == ""
    again = say(know, *whole, "LAPOR lampu jalan mati semua")
    assert again.state.draft.category == "pju-rusak"
    assert again.state.draft.lon is None


def test_more_words_at_the_end_are_added(know):
    turn = say(know, "Sampah menumpuk", UserMessage("b", place=INSIDE), "lewati", "Baunya sampai ke sekolah sebelah")
    assert turn.state.draft.description == "Sampah menumpuk\nBaunya sampai ke sekolah sebelah"
    assert turn.state.step == "confirm"


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("BATAL", "cancel"),
        ("batal!", "cancel"),
        ("Bantuan", "help"),
        ("?", ""),
        ("STATUS mks-123", "status"),
        ("cek MKS-123", "status"),
        ("LAPOR: sampah", "report"),
        ("laporan banjir", "report"),
        ("batalkan parkir liar di sini", ""),
        ("pelaporan", ""),
    ],
)
def test_commands(text, verb):
    assert hearing.parse_command(text)[0] == verb


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("got mampet di depan rumah", "drainase"),
        ("LAMPU JALAN MATI", "pju-rusak"),
        ("ada lubang besar di jalan", "jalan-rusak"),
        ("lampu merah mati di simpang", "lampu-rambu-rusak"),
        ("demam berdarah, tolong fogging", "fogging-dbd"),
        ("xyzzy", None),
        ("", None),
    ],
)
def test_everyday_words_mean_categories(know, text, slug):
    found = hearing.find_category(know.categories, text)
    assert (found.slug if found else None) == slug


def test_whatever_comes_the_dialogue_answers_or_is_silent(know):
    dice = random.Random(5)
    letters = "aAsS 019?!.,:\n\t\0\u202e\ud7ff💩é" + "".join(map(chr, range(0x600, 0x610)))
    words = [
        "lapor",
        "ya",
        "batal",
        "status",
        "1",
        "99999999999",
        "kel.",
        "mattoangin",
        "sampah",
        "foto:tidak",
        "kat:x",
        "kel:y",
    ]
    for _ in range(300):
        state = DialogueState()
        for n in range(6):
            text = dice.choice([" ".join(dice.choices(words, k=3)), "".join(dice.choices(letters, k=40)), ""])
            choice = dice.choice(["", "", dice.choice(words)])
            place = dice.choice([None, None, INSIDE, (0.0, 0.0)])
            turn = take_turn(know, state, UserMessage(f"m{n}", text, choice, place, dice.choice([(), (PHOTO,) * 9])))
            state = turn.state
            assert len(turn.replies) + (turn.action is not None) <= 1
            assert len(state.draft.photos) <= 5
            assert len(state.draft.description) <= 2000
            assert isinstance(turn.action, SubmitReport | ShowStatus | None)
