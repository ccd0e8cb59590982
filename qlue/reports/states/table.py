"""The one table of what can be done with a report.

A row of `TABLE` is a whole verb: between which states, who may, what must come with it, what it changes, how it is
shown, and who hears of it. Rights, forms, pages, notices and reactions read the row. A new verb is a row, a form in
`work/forms` where it asks for more than a confirmation, and its tests.
"""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from qlue.people.models import Role
from qlue.reports.states.rules import Effect, EventRule, Reaction, Transition
from qlue.reports.states.statuses import WAITING_STATUSES, WORKING_STATUSES, ReportStatus

FIELD_STAFF = (Role.OFFICER, Role.HEAD)
LEADERS = (Role.HEAD, Role.OPERATOR)
EVERYONE_AT_WORK = (Role.OFFICER, Role.HEAD, Role.OPERATOR)

TABLE: tuple[Transition, ...] = (
    Transition(
        verb="submit",
        event="report.submitted",
        sources=(),
        # Routing decides between routed, received and unserved.
        target=None,
        effects=(Effect.ROUTE,),
        icon="send",
        by_reporter=True,
        reactions=(Reaction.NOTIFY_AGENCY, Reaction.NOTIFY_REPORTER, Reaction.CHECK_NEW_REPORT),
    ),
    Transition(
        verb="route_unserved",
        event="report.served",
        # No notices to agencies: on the day a city joins they find everything from before in their queues.
        sources=(ReportStatus.UNSERVED,),
        target=None,
        effects=(Effect.ROUTE,),
        icon="building-community",
        sentence=gettext_noop("The city takes part now"),
        sentence_with_agency=gettext_noop("The city takes part now: passed on to %(agency)s"),
        by_system=True,
        reactions=(Reaction.NOTIFY_REPORTER,),
    ),
    Transition(
        verb="accept",
        event="report.accepted",
        sources=WAITING_STATUSES,
        target=ReportStatus.ACCEPTED,
        effects=(Effect.SET_FIRST_RESPONSE,),
        label=_("Accept"),
        icon="clipboard-check",
        sentence=gettext_noop("Accepted"),
        sentence_with_agency=gettext_noop("Accepted by %(agency)s"),
        roles=FIELD_STAFF,
        reactions=(Reaction.NOTIFY_REPORTER,),
    ),
    Transition(
        verb="assign",
        event="report.assigned",
        sources=(*WAITING_STATUSES, *WORKING_STATUSES),
        target=None,
        needs=("person",),
        # Naming who goes is an answer, too: it counts as the first response.
        effects=(Effect.SET_FIRST_RESPONSE, Effect.SET_ASSIGNEE),
        label=_("Assign"),
        icon="user-check",
        sentence=gettext_noop("A crew was assigned"),
        roles=LEADERS,
        reactions=(Reaction.NOTIFY_AGENCY,),
    ),
    Transition(
        verb="start",
        event="report.started",
        sources=(ReportStatus.ACCEPTED, ReportStatus.REOPENED),
        target=ReportStatus.IN_PROGRESS,
        effects=(Effect.SET_FIRST_RESPONSE,),
        label=_("Start work"),
        icon="tool",
        sentence=gettext_noop("Work has begun"),
        roles=FIELD_STAFF,
        reactions=(Reaction.NOTIFY_REPORTER,),
    ),
    Transition(
        verb="hold",
        event="report.held",
        sources=(ReportStatus.ACCEPTED, ReportStatus.IN_PROGRESS),
        target=ReportStatus.ON_HOLD,
        # Without a date a hold would be a quiet way to bury a case. The deadline goes on running.
        needs=("reason", "until"),
        effects=(Effect.SET_FIRST_RESPONSE, Effect.SET_HOLD_UNTIL),
        label=_("Put on hold"),
        icon="player-pause",
        roles=FIELD_STAFF,
        reactions=(Reaction.NOTIFY_REPORTER,),
    ),
    Transition(
        verb="resume",
        event="report.resumed",
        sources=(ReportStatus.ON_HOLD,),
        target=ReportStatus.IN_PROGRESS,
        effects=(Effect.SET_FIRST_RESPONSE,),
        label=_("Resume work"),
        icon="player-play",
        sentence=gettext_noop("Work goes on"),
        roles=FIELD_STAFF,
    ),
    Transition(
        verb="resolve",
        event="report.resolved",
        # Not from the hold, and not unseen: somebody has to have taken the case on.
        sources=(ReportStatus.ACCEPTED, ReportStatus.IN_PROGRESS),
        target=ReportStatus.RESOLVED,
        # The picture is what residents can judge the word by; `work.proof` checks that it is of this place and day.
        needs=("words", "photo"),
        effects=(Effect.SET_FIRST_RESPONSE, Effect.SET_RESOLVED),
        label=_("Resolve"),
        icon="circle-check",
        sentence=gettext_noop("Resolved"),
        sentence_with_agency=gettext_noop("Resolved by %(agency)s"),
        roles=FIELD_STAFF,
        reactions=(Reaction.NOTIFY_REPORTER,),
    ),
    Transition(
        verb="auto_resolve",
        event="report.settled",
        # Only while nobody works on it: a crew that is out there must not find its case closed by a sensor.
        sources=WAITING_STATUSES,
        target=ReportStatus.RESOLVED,
        needs=("words",),
        # No agency has answered, so the time of the first response stays open.
        effects=(Effect.SET_RESOLVED,),
        label=_("Back to normal"),
        icon="circle-check",
        sentence=gettext_noop("The sensor measures normal values again: resolved by itself"),
        by_system=True,
    ),
    Transition(
        verb="reject",
        event="report.rejected",
        # Not once work has begun: then the honest ends are resolved, merged, or another agency.
        sources=(*WAITING_STATUSES, ReportStatus.ACCEPTED),
        target=ReportStatus.REJECTED,
        needs=("reason",),
        effects=(Effect.SET_FIRST_RESPONSE,),
        label=_("Reject"),
        icon="circle-x",
        sentence=gettext_noop("Rejected"),
        roles=EVERYONE_AT_WORK,
        reactions=(Reaction.NOTIFY_REPORTER,),
    ),
    Transition(
        verb="reroute",
        event="report.rerouted",
        sources=(*WAITING_STATUSES, *WORKING_STATUSES),
        target=ReportStatus.ROUTED,
        needs=("agency", "reason"),
        effects=(Effect.SET_FIRST_RESPONSE, Effect.SET_AGENCY),
        # Agencies ask each other by a transfer, which grants this verb once both agree or an operator decides.
        label=_("Hand to another agency"),
        icon="arrows-exchange",
        roles=(Role.OPERATOR,),
        reactions=(Reaction.NOTIFY_AGENCY, Reaction.NOTIFY_REPORTER),
    ),
    Transition(
        verb="refer_external",
        event="report.handed_over",
        sources=(*WAITING_STATUSES, ReportStatus.ACCEPTED),
        target=ReportStatus.REFERRED,
        needs=("reason",),
        effects=(Effect.SET_FIRST_RESPONSE,),
        label=_("Outside the city's authority"),
        icon="arrow-forward-up",
        sentence=gettext_noop("Outside the city's authority, handed over"),
        roles=LEADERS,
        reactions=(Reaction.NOTIFY_REPORTER,),
    ),
    Transition(
        verb="recategorise",
        event="report.recategorised",
        # Done work too: statistics and the sorting model learn from the right category, however late it comes.
        sources=(*WAITING_STATUSES, *WORKING_STATUSES, ReportStatus.RESOLVED, ReportStatus.CONFIRMED),
        target=None,
        needs=("category",),
        # No first response: whoever corrects a label has not yet answered anybody.
        effects=(Effect.SET_CATEGORY,),
        label=_("Correct the category"),
        icon="tag",
        roles=EVERYONE_AT_WORK,
        reactions=(Reaction.NOTIFY_AGENCY, Reaction.NOTIFY_REPORTER),
    ),
    Transition(
        verb="merge",
        event="report.merged",
        # While it is open, so before it is counted: one problem posted twenty times once cut a lurah's pay.
        sources=(*WAITING_STATUSES, *WORKING_STATUSES),
        target=ReportStatus.MERGED,
        needs=("into",),
        effects=(Effect.SET_FIRST_RESPONSE, Effect.SET_MERGED_INTO),
        label=_("Merge"),
        icon="git-merge",
        roles=LEADERS,
        reactions=(Reaction.NOTIFY_REPORTER,),
    ),
    Transition(
        verb="confirm",
        event="report.confirmed",
        sources=(ReportStatus.RESOLVED,),
        target=ReportStatus.CONFIRMED,
        label=_("Confirm"),
        icon="checks",
        sentence=gettext_noop("Confirmed as done"),
        # Never the agency itself: nobody confirms their own work. The operator has the reporter on the telephone.
        roles=(Role.OPERATOR,),
        by_reporter=True,
        by_system=True,  # when the reporter's time to answer is over
    ),
    Transition(
        verb="send_back",
        event="report.sent_back",
        sources=(ReportStatus.RESOLVED, ReportStatus.CONFIRMED),
        target=ReportStatus.REOPENED,
        needs=("words",),
        effects=(Effect.CLEAR_RESOLVED,),
        label=_("Send back"),
        icon="arrow-back-up",
        sentence=gettext_noop("The proof of the work was not enough: sent back to the crew"),
        roles=LEADERS,
        reactions=(Reaction.NOTIFY_AGENCY, Reaction.NOTIFY_REPORTER),
    ),
    Transition(
        verb="dispute",
        event="report.disputed",
        # From confirmed, too: Qlue confirms by itself where nobody answers, and the reporter may look later.
        sources=(ReportStatus.RESOLVED, ReportStatus.CONFIRMED),
        target=ReportStatus.REOPENED,
        needs=("words",),
        effects=(Effect.CLEAR_RESOLVED,),
        label=_("Dispute"),
        icon="refresh-alert",
        sentence=gettext_noop("Not done yet, says the reporter: reopened"),
        # A neighbour's doubt is an event of its own (`report.doubted`) and reopens nothing.
        roles=(Role.OPERATOR,),
        by_reporter=True,
        reactions=(Reaction.NOTIFY_AGENCY,),
    ),
)

# Events that leave the report's state alone.
OTHER_EVENTS: tuple[EventRule, ...] = (
    EventRule(
        event="report.imported",
        icon="file-import",
        sentence=gettext_noop("Taken over from the city's earlier system"),
    ),
    EventRule(event="report.measured", icon="access-point", sentence=gettext_noop("News from the sensor")),
    EventRule(
        event="report.erased",
        icon="eraser",
        sentence=gettext_noop("The reporter's data was erased, as the reporter wished"),
        # Chats and call records hold copies of what the reporter said; their rooms delete them.
        reactions=(Reaction.FORGET_REPORTER,),
    ),
    EventRule(
        event="report.corrected",
        icon="pencil",
        sentence=gettext_noop("The reporter's contact was put right"),
        staff_only=True,
    ),
    EventRule(
        event="report.supported",
        icon="users-plus",
        sentence=gettext_noop("One more resident says “me too”"),
        # The page shows their number; a line for each would bury the history of a large flood.
        staff_only=True,
    ),
    EventRule(
        event="report.doubted",
        icon="user-question",
        sentence=gettext_noop("A neighbour says that it is not done"),
        reactions=(Reaction.NOTIFY_AGENCY,),
    ),
)

ALL_TRANSITIONS = {rule.verb: rule for rule in TABLE}
# What people can ask for on a case's page; the rest happens by itself or has a form of its own.
TRANSITIONS = {rule.verb: rule for rule in TABLE if rule.roles}
# Every kind of event that a report's history can hold; rooms above add theirs with `register_sentences`.
EVENT_RULES: dict[str, EventRule] = {rule.event: rule for rule in (*TABLE, *OTHER_EVENTS)}


def target_status(rule: Transition, status: str) -> str:
    """Where a verb leads from here. Assigning accepts what still waits; another category changes nothing by itself."""
    if rule.target:
        return rule.target
    return ReportStatus.ACCEPTED if rule.verb == "assign" and status in WAITING_STATUSES else status


def verbs_from(status: str) -> list[str]:
    """The verbs that people can ask for in a state, whoever asks."""
    return [verb for verb, rule in TRANSITIONS.items() if status in rule.sources]
