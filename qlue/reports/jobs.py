"""Background work about reports: the reporter who left an e-mail address hears what becomes of the report."""

from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from qlue.cities.facts import CityFacts, facts_by_id
from qlue.kit.db import in_city, one, run
from qlue.reports.actions import token_for
from qlue.reports.cards import card, follow_url
from qlue.reports.reading import contact_row, happening_rows, report_row
from qlue.reports.story import happening_line

PATIENCE = RetryStrategy(max_attempts=8, exponential_wait=4)
CLAIM = """
INSERT INTO reports_mailed (city_id, report_id, happening_id) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""
GIVE_UP = "DELETE FROM reports_mailed WHERE city_id = %s AND happening_id = %s"


@app.task(retry=PATIENCE)
def notify_reporter(city_id: int, happenings: list[int]) -> None:
    """Sends at most one mail per happening; none where no mail server is configured or no address was left.

    One that cannot be sent holds up no other; the job fails afterwards, and tried again sends what is left.
    """
    city = facts_by_id(city_id)
    if city is None or not mail_configured():
        return
    failed: list[Exception] = []
    with in_city(city_id), translation.override(settings.LANGUAGE_CODE):
        for letter in filter(None, (letter_for(city, happening) for happening in happenings)):
            try:
                _send_once(city, letter)
            except (OSError, SMTPException) as error:
                failed.append(error)
    if failed:
        raise failed[0]


def mail_configured() -> bool:
    """Whether somebody named a mail server."""
    return bool(settings.EMAIL_HOST)


def letter_for(city: CityFacts, happening_id: int) -> dict[str, Any] | None:
    """What the mail says and to whom; None where there is nobody to write to."""
    found = _about(city, happening_id)
    contact = contact_row(city, found) if found else None
    row = report_row(city, found) if found else None
    if not contact or not contact["email"] or row is None:
        return None
    happening = next(line for line in happening_rows(city, row["id"]) if line["id"] == happening_id)
    link = public_url() + follow_url(city, row["code"], token_for(city, row["uuid"]))
    shown = card(city, row)
    return {
        "to": contact["email"],
        "name": contact["name"],
        "report": shown,
        "happening": happening_id,
        "line": happening_line(city, happening),
        "link": link,
        "city": city,
        "subject": f"{row['code']}: {shown['status_word']}",
        "asks": row["status"] == "resolved",
    }


def _about(city: CityFacts, happening_id: int) -> int | None:
    sql = "SELECT report_id FROM timeline_happening WHERE city_id = %s AND id = %s"
    found: int | None = one(sql, [city.id, happening_id])
    return found


def public_url() -> str:
    """Where residents reach this installation, without a slash at the end."""
    return str(settings.PUBLIC_URL).rstrip("/")


def _send_once(city: CityFacts, letter: dict[str, Any]) -> None:
    """The claim stands (autocommit) before the mail goes out: whoever is killed in between, nobody gets two."""
    if not run(CLAIM, [city.id, letter["report"]["id"], letter["happening"]]):
        return
    mail = EmailMessage(letter["subject"], render_to_string("reports/mail.txt", letter), to=[letter["to"]])
    try:
        mail.send(fail_silently=False)
    except Exception:
        run(GIVE_UP, [city.id, letter["happening"]])
        raise
