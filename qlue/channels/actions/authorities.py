"""Mails to authorities outside the city: the link of a referral, made anew here, and sealed until it is sent."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from qlue.channels.actions.outbox import queue_message
from qlue.channels.providers.contract import PLACEHOLDER, OutgoingMessage
from qlue.channels.queries.authorities import authority_mail_key
from qlue.cities.facts import CityFacts
from qlue.kit.db import execute, fetch_all
from qlue.kit.seal import seal
from qlue.reports.presentation.cards import ReportCard, report_card
from qlue.reports.queries.reports import find_report
from qlue.timeline.records import EVENTS
from qlue.web.formats import full
from qlue.work.actions import is_referral_open, referral_path
from qlue.work.models import ExternalReferral

MAX_MAIL_LENGTH = 20_000
REFERRALS_OF_EVENTS = f"""
SELECT DISTINCT (data->>'ask')::bigint, kind = 'outside.reminded' FROM {EVENTS} AS event
WHERE city_id = %s AND id = ANY(%s) ORDER BY 1, 2
"""

DELETE_VOID = """
DELETE FROM channels_outbound WHERE city_id = %s AND key = ANY(%s) AND state IN ('queued', 'failed_for_now')
"""


def queue_authority_mails(city: CityFacts, event_ids: list[int]) -> int:
    """Queues the mails of new, renewed and expiring referrals; returns how many are new.

    Mails that still wait with a link that is void by now are deleted.
    """
    return sum(
        _queue_authority_mail(city, referral_id, is_reminder)
        for referral_id, is_reminder in fetch_all(REFERRALS_OF_EVENTS, [city.id, event_ids])
    )


def _queue_authority_mail(city: CityFacts, referral_id: int, is_reminder: bool) -> bool:
    referral = ExternalReferral.objects.filter(city_id=city.id, id=referral_id).first()
    if referral is None:
        return False
    # First and in any case: a referral may have been answered or withdrawn while its mail waited.
    _delete_void_mails(city, referral)
    if not referral.email or not settings.EMAIL_HOST or not is_referral_open(referral):
        return False
    report = find_report(city, referral.report_id)
    if report is None or report.private:
        return False
    message = _authority_message(city, referral, report_card(city, report), is_reminder)
    key = authority_mail_key(referral.id, referral.turn, is_reminder)
    return (
        queue_message(city, key=key, kind="mail", address=referral.email, message=message, report_id=referral.report_id)
        is not None
    )


def _delete_void_mails(city: CityFacts, referral: ExternalReferral) -> None:
    void_turns = range(referral.turn) if is_referral_open(referral) else range(referral.turn + 1)
    execute(
        DELETE_VOID,
        [city.id, [authority_mail_key(referral.id, turn, reminds) for turn in void_turns for reminds in (False, True)]],
    )


def _authority_message(
    city: CityFacts, referral: ExternalReferral, report: ReportCard, is_reminder: bool
) -> OutgoingMessage:
    link = str(settings.PUBLIC_URL).rstrip("/") + referral_path(city, referral.uuid, referral.turn)
    name, until = city.authorities[referral.outside_id].name, full(referral.expires_at, city.tz)
    context = {
        "city": city,
        "ask": referral,
        "report": report,
        "reminds": is_reminder,
        "link": PLACEHOLDER,
        "name": name,
        "until": until,
    }
    subject_text = _("%(city)s asks for your help: %(what)s (%(code)s)")
    subject = subject_text % {"city": city.name, "what": report.title, "code": report.code}
    if is_reminder:
        subject = _("Reminder: %(subject)s") % {"subject": subject}
    # The placeholder stands for the link: with it, whoever reads the outbox could answer in the authority's name.
    text = render_to_string("channels/authority.txt", context)[:MAX_MAIL_LENGTH]
    return OutgoingMessage(text, subject=subject, sealed=seal(link).decode())
