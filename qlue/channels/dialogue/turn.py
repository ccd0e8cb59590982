"""One turn of the dialogue: `(context, state, message) -> (state, replies)`. Every message fills whatever it can.

Qlue asks for what is missing, so the order does not matter much: a photo may come before the description, a location
before the category.
"""

from msgspec.structs import replace

from qlue.channels.dialogue import parse, replies
from qlue.channels.dialogue.state import (
    DialogueContext,
    DialogueState,
    DialogueTurn,
    Reply,
    ReportDraft,
    ShowStatus,
    SubmitReport,
    UserMessage,
)
from qlue.cities.facts import AreaFacts
from qlue.kit.text import LEAST_WORDS, MOST_WORDS, tidy

MAX_PHOTOS = 5
MIN_DESCRIPTION = 12  # letters from which a text is a description and not only an answer
MAX_MISSES = 3
USABLE_KINDS = ("text", "place", "photo", "choice")


def take_turn(context: DialogueContext, state: DialogueState, message: UserMessage) -> DialogueTurn:
    """What the dialogue makes of one message."""
    if message.choice == "batal":
        return _answer_command(context, state, "cancel", "")
    if not message.choice:
        verb, rest = parse.parse_command(message.text)
        # A bare code asks for its status, whatever else its letters might mean.
        if code := parse.find_report_code(context.city, message.text):
            verb, rest = "status", code
        if verb in ("cancel", "help", "status"):
            return _answer_command(context, state, verb, rest)
        if verb == "report" and (state.draft.category or state.draft.description or not rest):
            # LAPOR begins a new report. Without category and description the old one was only begun, often by a
            # location or a photo that people send right before their words: that much is kept.
            state = DialogueState()
        message = replace(message, text=rest)
    return _advance_dialogue(context, replace(state, first_message_id=state.first_message_id or message.id), message)


def _answer_command(context: DialogueContext, state: DialogueState, verb: str, rest: str) -> DialogueTurn:
    if verb == "cancel":
        reply = replies.cancelled_reply() if state.first_message_id else replies.nothing_to_cancel_reply()
        return DialogueTurn(DialogueState(), (reply,))
    if verb == "help":
        return DialogueTurn(state, (replies.help_reply(context),))
    code = rest.split()[0] if rest else ""
    return DialogueTurn(state, (), ShowStatus(code)) if code else DialogueTurn(state, (replies.unknown_code_reply(""),))


def _advance_dialogue(context: DialogueContext, state: DialogueState, message: UserMessage) -> DialogueTurn:
    """Takes in what came, then asks for what is missing or submits."""
    if state.step == "confirm" and (turn := _answer_confirmation(context, state, message)):
        return turn
    if message.place and not context.area_at(*message.place):
        return DialogueTurn(state, (replies.outside_city_reply(context),))
    new_state, question = _absorb(context, state, message)
    if question is not None:
        offered_ids = tuple(option.id for option in question.options)
        return DialogueTurn(replace(new_state, offered_ids=offered_ids), (question,))
    return _ask_or_submit(context, state, new_state, message)


def _answer_confirmation(context: DialogueContext, state: DialogueState, message: UserMessage) -> DialogueTurn | None:
    """The answer to "is this right?"; None where it was something else, such as one more photo."""
    answer = parse.parse_choice(state.offered_ids, message.choice, message.text) or parse.normalize(message.text)
    if answer in parse.YES:
        return DialogueTurn(DialogueState(), (), SubmitReport(state.draft, state.first_message_id))
    if answer == replies.EDIT or answer in parse.NO:
        new_state, question = replies.next_question(context, DialogueState(first_message_id=message.id))
        return DialogueTurn(new_state, (question,))
    return None


def _absorb(context: DialogueContext, state: DialogueState, message: UserMessage) -> tuple[DialogueState, Reply | None]:
    """The state with whatever the message holds; a question where it holds something in doubt."""
    draft = state.draft
    if message.place:
        draft = replace(draft, lon=message.place[0], lat=message.place[1])
    if message.photos:
        draft = replace(draft, photos=(*draft.photos, *message.photos)[:MAX_PHOTOS])
    # Buttons of earlier questions stay on the screen, so a choice counts even where it is not among those offered last.
    choice = parse.parse_choice(state.offered_ids, message.choice, message.text) or message.choice
    if choice:
        return replace(state, draft=_apply_choice(context, draft, choice)), None
    if not message.text or (state.step == "photo" and parse.normalize(message.text) in parse.SKIP):
        return replace(state, draft=draft), None
    return _absorb_text(context, replace(state, draft=draft), message)


def _apply_choice(context: DialogueContext, draft: ReportDraft, choice: str) -> ReportDraft:
    kind, _colon, value = choice.partition(":")
    if kind == "kat" and (category := context.city.category(value)) and category.active:
        return replace(draft, category=category.slug)
    if kind == "kel" and (area := context.city.area(value)) and area.active:
        return replace(draft, area=area.code)
    return draft


def _absorb_text(
    context: DialogueContext, state: DialogueState, message: UserMessage
) -> tuple[DialogueState, Reply | None]:
    draft, text = state.draft, message.text
    if not draft.category and (category := parse.find_category(context.categories, text)):
        draft = replace(draft, category=category.slug)
    draft = replace(draft, landmark=draft.landmark or _landmark_in_answer(state, text))
    areas: list[AreaFacts] = []
    if message.place is None and not draft.placed:
        areas = parse.find_areas(context.kelurahan, text, is_answer=state.step == "place")
        draft = replace(draft, area=areas[0].code if len(areas) == 1 else "")
    new_state = replace(state, draft=_with_description(state, draft, text))
    return new_state, replies.ask_which_area(context, areas) if len(areas) > 1 else None


def _landmark_in_answer(state: DialogueState, text: str) -> str:
    """Asked for the place, the whole answer describes it."""
    return " ".join(text.split())[:200] if state.step == "place" else parse.find_landmark(text)


def _with_description(state: DialogueState, draft: ReportDraft, text: str) -> ReportDraft:
    """The text becomes the description where it was asked for, or where it is long enough to be one."""
    min_letters = LEAST_WORDS if state.step == "words" else MIN_DESCRIPTION
    is_description = state.step != "place" and parse.has_content(text, min_letters)
    if is_description and (state.step == "words" or not draft.description):
        return replace(draft, description=tidy(text)[:MOST_WORDS])
    # What people add after the description, while a photo or their yes is waited for, is added to it.
    is_addition = state.step in ("photo", "confirm") and parse.has_content(text, MIN_DESCRIPTION)
    if is_addition and draft.description:
        return replace(draft, description=tidy(f"{draft.description}\n{text}")[:MOST_WORDS])
    return draft


def _ask_or_submit(
    context: DialogueContext, old_state: DialogueState, new_state: DialogueState, message: UserMessage
) -> DialogueTurn:
    step = replies.missing_step(context, new_state)
    if step == "confirm" and not context.guided:
        return DialogueTurn(DialogueState(), (), SubmitReport(new_state.draft, new_state.first_message_id))
    is_stuck = new_state.draft == old_state.draft and old_state.step == step and step != "photo"
    misses = new_state.misses + 1 if is_stuck else 0
    next_state, question = replies.next_question(context, replace(new_state, misses=misses))
    if is_stuck and next_state.misses > MAX_MISSES:
        # The help once, then silence: whoever answers the same again and again is probably a program.
        is_first = next_state.misses == MAX_MISSES + 1
        return DialogueTurn(next_state, (replies.help_reply(context),) if is_first else ())
    return DialogueTurn(next_state, (_with_lead(question, message, is_stuck),))


def _with_lead(question: Reply, message: UserMessage, is_stuck: bool) -> Reply:
    """The question, after a word about what went wrong."""
    if message.photo_failed:
        lead = replies.photo_failed_text()
    elif message.kind not in USABLE_KINDS:
        lead = replies.unsupported_text()
    else:
        lead = replies.not_understood_text() if is_stuck else ""
    return replace(question, text=f"{lead} {question.text}".strip())
