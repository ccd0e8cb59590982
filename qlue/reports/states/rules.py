"""What a row of the table of transitions can say: its columns, and the words that stand in them."""

from dataclasses import dataclass
from enum import StrEnum


class Reaction(StrEnum):
    """What follows an event in the background; `qlue.reactions` names the job behind each."""

    NOTIFY_AGENCY = "notify_agency"
    NOTIFY_REPORTER = "notify_reporter"
    CHECK_NEW_REPORT = "check_new_report"
    FORGET_REPORTER = "forget_reporter"


class Effect(StrEnum):
    """What a verb changes in the report besides its state; `actions.effects` holds the function behind each."""

    SET_HOLD_UNTIL = "set_hold_until"
    SET_FIRST_RESPONSE = "set_first_response"
    SET_RESOLVED = "set_resolved"
    CLEAR_RESOLVED = "clear_resolved"
    SET_AGENCY = "set_agency"
    SET_ASSIGNEE = "set_assignee"
    SET_CATEGORY = "set_category"
    SET_MERGED_INTO = "set_merged_into"
    ROUTE = "route"


@dataclass(frozen=True, kw_only=True)
class EventRule:
    """How an event of the timeline is shown and who hears of it.

    `sentence` is a msgid, `sentence_with_agency` another one with `%(agency)s` for when the event names an agency.
    Events that need more than that have a function in `presentation.history.SENTENCES`.
    """

    event: str
    icon: str
    sentence: str = ""
    sentence_with_agency: str = ""
    # Names, not functions: this room must not import the rooms whose jobs these are.
    reactions: tuple[Reaction, ...] = ()
    staff_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Transition(EventRule):
    """One verb. `target` None: the report stays as it is unless an effect decides otherwise.

    `needs` names fields of `TransitionInput`. `roles` may do it for their agency, `by_reporter` whoever holds the
    follow link, `by_system` Qlue itself.
    """

    verb: str
    # Empty for the verb that makes a report: nothing leads to it.
    sources: tuple[str, ...]
    target: str | None
    label: object = ""
    needs: tuple[str, ...] = ()
    # Applied in this order, each on what the one before has left.
    effects: tuple[Effect, ...] = ()
    roles: tuple[str, ...] = ()
    by_reporter: bool = False
    by_system: bool = False
