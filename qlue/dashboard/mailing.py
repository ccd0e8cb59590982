"""The weekly brief by mail: each Monday morning of the city, to those who asked for it and still may read it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from qlue.channels.actions import File, Letter, queue
from qlue.channels.models import Outbound
from qlue.cities.facts import CityFacts
from qlue.dashboard.brief import Week
from qlue.dashboard.brief_words import told
from qlue.dashboard.models import BriefReader
from qlue.dashboard.paper import printed
from qlue.kit.clock import now
from qlue.kit.ids import same_token, secret_token
from qlue.kit.parts import installed
from qlue.people.models import Membership
from qlue.people.rights import may

MOST_MAIL = 20_000
HOUR = 6  # by the city's clock; from then on until midnight, so that a machine that slept sends it later that day


def want_brief(city: CityFacts, member: Membership) -> bool:
    """From the next Monday on; False where the account has no address."""
    if not mail_to(member):
        return False
    BriefReader.objects.get_or_create(city_id=city.id, user_id=member.user_id, defaults={"since": now()})
    return True


def no_more(city: CityFacts, user: int) -> None:
    """Nothing where nobody had asked."""
    BriefReader.objects.filter(city_id=city.id, user_id=user).delete()


def reader_of(city: CityFacts, user: int) -> BriefReader | None:
    """This person's wish, None without one."""
    return BriefReader.objects.filter(city_id=city.id, user_id=user).first()


def mail_to(member: Membership) -> str:
    """The account's own address."""
    return str(member.user.email).strip()


def is_own(city: CityFacts, user: int, token: str) -> bool:
    """True for who holds the link that ends it."""
    return same_token(token, _token(city, user))


def _token(city: CityFacts, user: int) -> str:
    return secret_token(settings.SECRET_KEY, "brief-stop", f"{city.id}:{user}")


def mail_briefs(city: CityFacts, at: datetime | None = None) -> int:
    """On a Monday morning: a letter to each reader who has none yet; returns how many. In the city's scope."""
    local = (at or now()).astimezone(city.tz)
    if local.weekday() or local.hour < HOUR or not settings.EMAIL_HOST:
        return 0
    week = Week(local.date() - timedelta(days=7))
    left = [member for member in _readers(city) if not _has(city, week, member)]
    return sum(_send(city, week, member) for member in left)


def _readers(city: CityFacts) -> Iterable[Membership]:
    wanting = BriefReader.objects.filter(city_id=city.id).values("user_id")
    members = Membership.objects.filter(city_id=city.id, user__in=wanting, active=True, user__is_active=True)
    return (one for one in members.select_related("user").order_by("id") if may(one, "see_scorecards") and mail_to(one))


def _key(week: Week, member: Membership) -> str:
    return f"brief:{week.name}:{member.user_id}"


def _has(city: CityFacts, week: Week, member: Membership) -> bool:
    return Outbound.objects.filter(city_id=city.id, key=_key(week, member)).exists()


def _send(city: CityFacts, week: Week, member: Membership) -> bool:
    language = str(getattr(member.user, "language", "") or settings.LANGUAGE_CODE)
    base = str(settings.PUBLIC_URL).rstrip("/")
    page = f"{base}{reverse('brief', args=[city.slug])}?minggu={week.name}"
    stop = base + reverse("brief-stop", args=[city.slug, member.user_id, _token(city, member.user_id)])
    with translation.override(language), transaction.atomic():
        brief = told(city, week)
        files = _files(city, week, language, brief)
        about = {"brief": brief, "page": page, "stop": stop, "name": str(member.user), "attached": bool(files)}
        text = render_to_string("dashboard/brief.txt", about)[:MOST_MAIL]
        letter = Letter(text, subject=str(brief["title"]), link=page, stop=stop, files=files)
        return queue(city, key=_key(week, member), kind="mail", address=mail_to(member), letter=letter) is not None


def _files(city: CityFacts, week: Week, language: str, brief: dict[str, object]) -> tuple[File, ...]:
    """The PDF that goes along; the letter alone where none can be printed."""
    if not installed("brief"):
        return ()
    return (File(_paper(city, week, language, brief), f"{city.slug}-{week.name}.pdf", "application/pdf"),)


def _paper(city: CityFacts, week: Week, language: str, brief: dict[str, object]) -> str:
    """Where the PDF lies in the storage; made once for a week and a language."""
    path = f"briefs/{city.id}/{week.name}-{language}.pdf"
    return path if default_storage.exists(path) else str(default_storage.save(path, ContentFile(printed(brief))))
