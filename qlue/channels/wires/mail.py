"""E-mail out, by the installation's own SMTP server. Our id is the Message-ID: a repeat is one letter to a mailbox."""

from smtplib import (
    SMTPConnectError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from qlue.channels.wires.contract import Account, File, NotSent, Outgoing, Rejected, Unsure
from qlue.cities.facts import city_facts
from qlue.web.look import colour_of

CHANNEL = "email"
FIELDS: dict[str, str] = {}
SECRETS: tuple[str, ...] = ()


def send(account: Account, out: Outgoing) -> str:
    if not settings.EMAIL_HOST:
        raise NotSent("no mail server is named")
    host = urlsplit(str(settings.PUBLIC_URL)).hostname or "qlue"
    number = f"<{out.id}@{host}>"
    mail = _written(account, out, number)
    try:
        mail.send(fail_silently=False)
    except (ConnectionRefusedError, SMTPConnectError) as error:
        raise NotSent(str(error)[:200]) from error
    except SMTPRecipientsRefused as error:
        raise _refused(error) from error
    except SMTPServerDisconnected as error:
        raise Unsure(str(error)[:200]) from error
    except SMTPResponseException as error:
        raise _by_code(error.smtp_code, str(error.smtp_error)) from error
    except (SMTPException, ValueError) as error:
        raise Rejected(str(error)[:200]) from error
    except OSError as error:
        raise Unsure(str(error)[:200]) from error
    return number


def _written(account: Account, out: Outgoing, number: str) -> EmailMultiAlternatives:
    headers = {"Message-ID": number, "Auto-Submitted": "auto-generated"} | _stop(out.letter.stop)
    mail = EmailMultiAlternatives(out.letter.subject, out.letter.text, to=[out.address], headers=headers)
    mail.attach_alternative(_dressed(account, out), "text/html")
    for file in out.letter.files:
        mail.attach(file.name, _content(file), file.mime)
    return mail


def _content(file: File) -> bytes:
    try:
        with default_storage.open(file.path) as stored:
            content: bytes = stored.read()
    except FileNotFoundError as error:
        raise Rejected("the file that should go along is gone") from error
    return content


def _dressed(account: Account, out: Outgoing) -> str:
    """The same words under the city's name and colour, its link as a button; nothing is fetched from anywhere."""
    city = city_facts(account.city)
    look = city.look if city else {}
    name = look.get("logo") or (city.name if city else "")
    return render_to_string("channels/mail.html", {"letter": out.letter, "name": name, "colour": colour_of(look)})


def _stop(address: str) -> dict[str, str]:
    """The mailbox's own button (RFC 2369, RFC 8058)."""
    one_click = {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return one_click if address else {}


def _refused(error: SMTPRecipientsRefused) -> Exception:
    code, words = next(iter(error.recipients.values()))
    return _by_code(code, words.decode(errors="replace") if isinstance(words, bytes) else str(words))


def _by_code(code: int, words: str) -> Exception:
    """4xx is for now (greylisting among them), 5xx for good; a refused sign-in is ours to mend."""
    told = f"{code} {words}"[:200]
    return NotSent(told) if code < 500 or code in (530, 534, 535) else Rejected(told)
