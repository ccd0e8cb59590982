"""The weekly brief by mail: each Monday morning of the city, to those who asked for it and still may read it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from qlue.channels.actions import Attachment, OutgoingMessage, queue_message
from qlue.channels.models import Outbound
from qlue.cities.facts import CityFacts
from qlue.dashboard.brief.content import Brief, brief_context
from qlue.dashboard.brief.pdf import render_pdf
from qlue.dashboard.brief.subscriptions import mail_address, stop_token, subscribers
from qlue.dashboard.brief.weeks import Week
from qlue.kit.clock import now
from qlue.kit.parts import installed
from qlue.people.models import Membership

MAX_TEXT = 20_000  # characters, as of every other mail
HOUR = 6  # by the city's clock; from then on until midnight, so that a machine that slept sends it later that day


def mail_briefs(city: CityFacts, at: datetime | None = None) -> int:
    """On a Monday morning: a letter to each reader who has none yet; returns how many. In the city's scope."""
    local = (at or now()).astimezone(city.tz)
    if local.weekday() or local.hour < HOUR or not settings.EMAIL_HOST:
        return 0
    week = Week(local.date() - timedelta(days=7))
    members = [member for member in subscribers(city) if not _is_sent(city, week, member)]
    return sum(_send_brief(city, week, member) for member in members)


def _message_key(week: Week, member: Membership) -> str:
    """One message per week and person: the outbox refuses the same key twice, however often the job runs."""
    return f"brief:{week.name}:{member.user_id}"


def _is_sent(city: CityFacts, week: Week, member: Membership) -> bool:
    # Asked before the PDF is made: the outbox would refuse it too, but only after the work.
    return Outbound.objects.filter(city_id=city.id, key=_message_key(week, member)).exists()


def _send_brief(city: CityFacts, week: Week, member: Membership) -> bool:
    language = str(getattr(member.user, "language", "") or settings.LANGUAGE_CODE)
    with translation.override(language), transaction.atomic():
        message = _brief_message(city, week, member, language)
        address, key = mail_address(member), _message_key(week, member)
        return queue_message(city, key=key, kind="mail", address=address, message=message) is not None


def _brief_message(city: CityFacts, week: Week, member: Membership, language: str) -> OutgoingMessage:
    base = str(settings.PUBLIC_URL).rstrip("/")
    page = f"{base}{reverse('brief', args=[city.slug])}?minggu={week.name}"
    stop = base + reverse("brief-stop", args=[city.slug, member.user_id, stop_token(city, member.user_id)])
    brief = brief_context(city, week)
    files = _attachments(city, week, language, brief)
    context = {"brief": brief, "page": page, "stop": stop, "name": str(member.user), "attached": bool(files)}
    text = render_to_string("dashboard/brief.txt", context)[:MAX_TEXT]
    return OutgoingMessage(text, subject=brief.title, link=page, stop=stop, files=files)


def _attachments(city: CityFacts, week: Week, language: str, brief: Brief) -> tuple[Attachment, ...]:
    """The PDF that goes along; the letter alone where none can be printed."""
    if not installed("brief"):
        return ()
    return (Attachment(_stored_pdf(city, week, language, brief), f"{city.slug}-{week.name}.pdf", "application/pdf"),)


def _stored_pdf(city: CityFacts, week: Week, language: str, brief: Brief) -> str:
    """Where the PDF lies in the storage; made once for a week and a language."""
    path = f"briefs/{city.id}/{week.name}-{language}.pdf"
    return path if default_storage.exists(path) else str(default_storage.save(path, ContentFile(render_pdf(brief))))
