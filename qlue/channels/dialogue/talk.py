"""The dialogue: `(state, message) -> (state, replies)`. Every message fills whatever it can.

We ask for what is missing, so the order does not matter much: a photo may come before the words, a location before
the category.
"""

import msgspec

from qlue.channels.dialogue import hearing, saying
from qlue.channels.dialogue.state import Draft, Heard, Know, Reply, State, Status, Submit, Turn
from qlue.reports.actions.text import LEAST_WORDS, MOST_WORDS, tidy

MOST_PHOTOS = 5
TELLING = 12  # letters from which a text is a description and not only an answer
MOST_MISSES = 3
with_ = msgspec.structs.replace


def talk(know: Know, state: State, heard: Heard) -> Turn:
    """One turn."""
    if not heard.choice:
        verb, rest = hearing.command(heard.text)
        if code := hearing.code_in(know.city, heard.text):
            verb, rest = "status", code
        if verb in ("cancel", "help", "status"):
            return _command(know, state, verb, rest)
        if verb == "report" and (state.draft.category or state.draft.words or not rest):
            state = State()  # begins anew; what came before it with the same breath, such as a location, stays
        heard = with_(heard, text=rest)
        state = with_(state, first=state.first or heard.id)
        return _on(know, state, heard)
    if heard.choice == "batal":
        return _command(know, state, "cancel", "")
    return _on(know, with_(state, first=state.first or heard.id), heard)


def _command(know: Know, state: State, verb: str, rest: str) -> Turn:
    if verb == "cancel":
        return Turn(State(), (saying.cancelled() if state.first else saying.nothing_to_cancel(),))
    if verb == "status":
        code = rest.split()[0] if rest else ""
        return Turn(state, (), Status(code)) if code else Turn(state, (saying.no_such_code(""),))
    return Turn(state, (saying.helping(know),))


def _on(know: Know, state: State, heard: Heard) -> Turn:
    """Takes in what came, then asks for what is missing or hands in."""
    if state.step == "confirm" and (turn := _answered(know, state, heard)):
        return turn
    if heard.place and not know.area_at(*heard.place):
        return Turn(state, (saying.outside(know),))
    taken, unclear = _absorbed(know, state, heard)
    if unclear is not None:
        return Turn(with_(taken, offered=tuple(option.id for option in unclear.options)), (unclear,))
    return _next(know, state, taken, heard)


def _answered(know: Know, state: State, heard: Heard) -> Turn | None:
    """The answer to "is this right?"; None where it was something else, such as one more photo."""
    said = hearing.chosen(state.offered, heard.choice, heard.text) or hearing.plain(heard.text)
    if said in hearing.YES:
        return Turn(State(), (), Submit(state.draft, state.first))
    if said == saying.EDIT or said in hearing.NO:
        fresh, question = saying.ask(know, State(first=heard.id))
        return Turn(fresh, (question,))
    return None


def _absorbed(know: Know, state: State, heard: Heard) -> tuple[State, Reply | None]:
    """The state with whatever the message holds; a question where it holds something in doubt."""
    draft = state.draft
    if heard.place:
        draft = with_(draft, lon=heard.place[0], lat=heard.place[1])
    if heard.photos:
        draft = with_(draft, photos=(*draft.photos, *heard.photos)[:MOST_PHOTOS])
    picked = hearing.chosen(state.offered, heard.choice, heard.text) or heard.choice
    if picked:
        return with_(state, draft=_picked(know, draft, picked)), None
    if not heard.text or (state.step == "photo" and hearing.plain(heard.text) in hearing.SKIP):
        return with_(state, draft=draft), None
    return _from_words(know, with_(state, draft=draft), heard)


def _picked(know: Know, draft: Draft, picked: str) -> Draft:
    kind, _colon, value = picked.partition(":")
    if kind == "kat" and (category := know.city.category(value)) and category.active:
        return with_(draft, category=category.slug)
    if kind == "kel" and (area := know.city.area(value)) and area.active:
        return with_(draft, area=area.code)
    return draft


def _from_words(know: Know, state: State, heard: Heard) -> tuple[State, Reply | None]:
    draft, text = state.draft, heard.text
    if not draft.category and (category := hearing.category_in(know.categories, text)):
        draft = with_(draft, category=category.slug)
    draft = with_(draft, landmark=draft.landmark or _landmark(state, text))
    if heard.place is None and not draft.placed:
        areas = hearing.areas_in(know.kelurahan, text, asked=state.step == "place")
        if len(areas) > 1:
            return with_(state, draft=_worded(state, draft, text)), saying.which(know, areas)
        draft = with_(draft, area=areas[0].code if areas else "")
    return with_(state, draft=_worded(state, draft, text)), None


def _landmark(state: State, text: str) -> str:
    """Asked for the place, the whole answer describes it."""
    return " ".join(text.split())[:200] if state.step == "place" else hearing.landmark_in(text)


def _worded(state: State, draft: Draft, text: str) -> Draft:
    """Words are what was asked for as such, or what is long enough to tell something."""
    wanted = LEAST_WORDS if state.step == "words" else TELLING
    if state.step == "place" or not hearing.tells(text, wanted) or (draft.words and state.step != "words"):
        more = state.step in ("photo", "confirm") and hearing.tells(text, TELLING)
        return with_(draft, words=tidy(f"{draft.words}\n{text}")[:MOST_WORDS]) if more and draft.words else draft
    return with_(draft, words=tidy(text)[:MOST_WORDS])


def _next(know: Know, before: State, taken: State, heard: Heard) -> Turn:
    step = saying.missing(know, taken)
    if step == "confirm" and not know.guided:
        return Turn(State(), (), Submit(taken.draft, taken.first))
    stuck = taken.draft == before.draft and before.step == step and step != "photo"
    asked, question = saying.ask(know, with_(taken, misses=taken.misses + 1 if stuck else 0))
    if stuck and asked.misses > MOST_MISSES:
        return Turn(asked, (saying.helping(know),)) if asked.misses == MOST_MISSES + 1 else Turn(asked)
    return Turn(asked, (_opened(question, heard, stuck),))


def _opened(question: Reply, heard: Heard, stuck: bool) -> Reply:
    """The question, after a word about what went wrong."""
    if heard.photo_failed:
        lead = saying.photo_failed()
    elif heard.kind not in ("text", "place", "photo", "choice"):
        lead = saying.unusable()
    else:
        lead = saying.not_understood() if stuck else ""
    return with_(question, text=f"{lead} {question.text}".strip())
