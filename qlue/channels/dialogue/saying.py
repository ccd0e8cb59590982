"""Our sentences. In the language of the moment; short, because an SMS is."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qlue.channels.dialogue.state import Draft, Know, Option, Reply, State
from qlue.cities.facts import AreaFacts

MOST_OPTIONS = 9
EDIT = "ubah"


def ask(know: Know, state: State) -> tuple[State, Reply]:
    """The next question: whatever is still missing."""
    step = missing(know, state)
    reply = QUESTIONS[step](know, state)
    offered = tuple(option.id for option in reply.options)
    asked = step == "photo" or state.photo_asked
    return State(step, state.draft, offered, state.first, asked, state.misses), reply


def missing(know: Know, state: State) -> str:
    """What to ask next; on plain SMS `confirm` means that all is there."""
    draft = state.draft
    if not draft.category:
        return "category"
    if not draft.placed:
        return "place"
    if not draft.words:
        return "words"
    if know.guided and not draft.photos and not state.photo_asked:
        return "photo"
    return "confirm"


def _category(know: Know, state: State) -> Reply:
    options = tuple(Option(f"kat:{one.slug}", one.label) for one in know.categories[:MOST_OPTIONS])
    return Reply(_("What is it about? Choose, or say it in your own words."), options)


def _place(know: Know, state: State) -> Reply:
    if know.guided:
        return Reply(_("Where is it? Send the location, or write the kelurahan and a landmark."), asks_place=True)
    return Reply(_("In which kelurahan is it? Write its name and a landmark."))


def _words(know: Know, state: State) -> Reply:
    return Reply(_("What do you see, and since when? Write it in a few words."))


def _photo(know: Know, state: State) -> Reply:
    return Reply(_("Do you have a photo? Send it now."), (Option("foto:tidak", _("Without a photo")),))


def _confirm(know: Know, state: State) -> Reply:
    options = (Option("ya", _("Yes, send it")), Option(EDIT, _("Start again")), Option("batal", _("Cancel")))
    return Reply(f"{summary(know, state.draft)}\n\n{_('Is this right?')}", options)


QUESTIONS = {"category": _category, "place": _place, "words": _words, "photo": _photo, "confirm": _confirm}


def summary(know: Know, draft: Draft) -> str:
    """What will be handed in."""
    category, area = know.city.category(draft.category), place_name(know, draft)
    lines = [category.label if category else "", area, draft.landmark if draft.landmark not in draft.words else ""]
    n = len(draft.photos)
    photos = ngettext("%(n)d photo", "%(n)d photos", n) % {"n": n} if n else ""
    return "\n".join(line for line in (*lines, draft.words[:300], photos) if line)


def place_name(know: Know, draft: Draft) -> str:
    area = know.area_at(draft.lon, draft.lat) if draft.lon is not None and draft.lat is not None else None
    area = area or know.city.area(draft.area)
    return full_name(know, area) if area else ""


def full_name(know: Know, area: AreaFacts) -> str:
    """`Mattoangin, Mariso`: names come more than once in a city."""
    above = know.city.areas.get(area.parent_id or 0)
    return f"{area.name}, {above.name}" if above else area.name


def which(know: Know, areas: list[AreaFacts]) -> Reply:
    """Several kelurahan have this name, or nearly."""
    options = tuple(Option(f"kel:{one.code}", full_name(know, one)) for one in areas[:MOST_OPTIONS])
    return Reply(_("Which of these do you mean?"), options)


def helping(know: Know) -> Reply:
    given = {"city": know.city.name, "code": f"{know.city.code_prefix}-1234567"}
    return Reply(
        _(
            "Reports to %(city)s. Write LAPOR and what is wrong, with the kelurahan: LAPOR sampah menumpuk di kel. "
            "... dekat pasar. STATUS %(code)s tells how a report is. BATAL stops. In danger of life call 112."
        )
        % given
    )


def cancelled() -> Reply:
    return Reply(_("Stopped; nothing was sent. Write LAPOR to begin again."))


def nothing_to_cancel() -> Reply:
    return Reply(_("There is nothing to stop. Write LAPOR to report a problem."))


def outside(know: Know) -> Reply:
    given = {"city": know.city.name}
    return Reply(_("That place is not in %(city)s. Send another location or write the kelurahan.") % given)


def not_understood() -> str:
    return _("I did not understand that.")


def unusable() -> str:
    return _("I can only read text, photos and locations.")


def photo_failed() -> str:
    return _("The photo could not be read. Please send it again, or go on without.")


def no_such_code(code: str) -> Reply:
    if not code:
        return Reply(_("Write STATUS and the code of the report, such as STATUS MKS-1234567."))
    return Reply(_("There is no public report with the code %(code)s.") % {"code": code[:20]})
