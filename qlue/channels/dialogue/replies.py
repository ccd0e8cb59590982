"""The sentences of the dialogue, in the language that is active; short, because an SMS is."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qlue.channels.dialogue.state import DialogueContext, DialogueState, Reply, ReplyOption, ReportDraft
from qlue.cities.facts import AreaFacts

MAX_OPTIONS = 9  # one digit each on SMS, and within the ten rows of a WhatsApp list
EDIT = "ubah"  # the id of the option as well as the word that people type


def next_question(context: DialogueContext, state: DialogueState) -> tuple[DialogueState, Reply]:
    """The next question: whatever is still missing."""
    step = missing_step(context, state)
    reply = QUESTIONS[step](context, state)
    offered_ids = tuple(option.id for option in reply.options)
    photo_asked = step == "photo" or state.photo_asked
    return DialogueState(step, state.draft, offered_ids, state.first_message_id, photo_asked, state.misses), reply


def missing_step(context: DialogueContext, state: DialogueState) -> str:
    """What to ask next, by what is missing most; on plain SMS `confirm` means that nothing is."""
    draft = state.draft
    if not draft.category:
        return "category"
    if not draft.placed:
        return "place"
    if not draft.description:
        return "words"
    # Asked for once: many have no photo, and a report is welcome without.
    if context.guided and not draft.photos and not state.photo_asked:
        return "photo"
    return "confirm"


def _ask_category(context: DialogueContext, state: DialogueState) -> Reply:
    options = tuple(
        ReplyOption(f"kat:{category.slug}", category.label) for category in context.categories[:MAX_OPTIONS]
    )
    return Reply(_("What is it about? Choose, or say it in your own words."), options)


def _ask_place(context: DialogueContext, state: DialogueState) -> Reply:
    if context.guided:
        return Reply(_("Where is it? Send the location, or write the kelurahan and a landmark."), asks_place=True)
    return Reply(_("In which kelurahan is it? Write its name and a landmark."))


def _ask_description(context: DialogueContext, state: DialogueState) -> Reply:
    return Reply(_("What do you see, and since when? Write it in a few words."))


def _ask_photo(context: DialogueContext, state: DialogueState) -> Reply:
    return Reply(_("Do you have a photo? Send it now."), (ReplyOption("foto:tidak", _("Without a photo")),))


def _ask_confirmation(context: DialogueContext, state: DialogueState) -> Reply:
    options = (
        ReplyOption("ya", _("Yes, send it")),
        ReplyOption(EDIT, _("Start again")),
        ReplyOption("batal", _("Cancel")),
    )
    return Reply(f"{draft_summary(context, state.draft)}\n\n{_('Is this right?')}", options)


QUESTIONS = {
    "category": _ask_category,
    "place": _ask_place,
    "words": _ask_description,
    "photo": _ask_photo,
    "confirm": _ask_confirmation,
}


def draft_summary(context: DialogueContext, draft: ReportDraft) -> str:
    """What the person is asked to confirm; the description only as far as it fits a message."""
    category, area = context.city.category(draft.category), place_name(context, draft)
    lines = [
        category.label if category else "",
        area,
        draft.landmark if draft.landmark not in draft.description else "",
    ]
    photo_count = len(draft.photos)
    photos = ngettext("%(n)d photo", "%(n)d photos", photo_count) % {"n": photo_count} if photo_count else ""
    return "\n".join(line for line in (*lines, draft.description[:300], photos) if line)


def place_name(context: DialogueContext, draft: ReportDraft) -> str:
    # A pin wins over a name that was written before.
    area = context.area_at(draft.lon, draft.lat) if draft.lon is not None and draft.lat is not None else None
    area = area or context.city.area(draft.area)
    return area_full_name(context, area) if area else ""


def area_full_name(context: DialogueContext, area: AreaFacts) -> str:
    """`Mattoangin, Mariso`: names come more than once in a city."""
    parent = context.city.areas.get(area.parent_id or 0)
    return f"{area.name}, {parent.name}" if parent else area.name


def ask_which_area(context: DialogueContext, areas: list[AreaFacts]) -> Reply:
    """Several kelurahan have this name, or nearly."""
    options = tuple(ReplyOption(f"kel:{area.code}", area_full_name(context, area)) for area in areas[:MAX_OPTIONS])
    return Reply(_("Which of these do you mean?"), options)


def help_reply(context: DialogueContext) -> Reply:
    values = {"city": context.city.name, "code": f"{context.city.code_prefix}-1234567"}
    return Reply(
        _(
            "Reports to %(city)s. Write LAPOR and what is wrong, with the kelurahan: LAPOR sampah menumpuk di kel. "
            "... dekat pasar. STATUS %(code)s tells how a report is. BATAL stops. In danger of life call 112."
        )
        % values
    )


def cancelled_reply() -> Reply:
    return Reply(_("Stopped; nothing was sent. Write LAPOR to begin again."))


def nothing_to_cancel_reply() -> Reply:
    return Reply(_("There is nothing to stop. Write LAPOR to report a problem."))


def outside_city_reply(context: DialogueContext) -> Reply:
    values = {"city": context.city.name}
    return Reply(_("That place is not in %(city)s. Send another location or write the kelurahan.") % values)


def not_understood_text() -> str:
    return _("I did not understand that.")


def unsupported_text() -> str:
    return _("I can only read text, photos and locations.")


def photo_failed_text() -> str:
    return _("The photo could not be read. Please send it again, or go on without.")


def unknown_code_reply(code: str) -> Reply:
    if not code:
        return Reply(_("Write STATUS and the code of the report, such as STATUS MKS-1234567."))
    return Reply(_("There is no public report with the code %(code)s.") % {"code": code[:20]})
