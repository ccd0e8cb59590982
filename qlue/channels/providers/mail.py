"""E-mail by the installation's SMTP server. Our id is the Message-ID, so mailboxes can tell a repeat."""

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

from qlue.channels.providers.contract import (
    Account,
    Attachment,
    Delivery,
    DeliveryUncertain,
    MessageNotSent,
    MessageRejected,
    Provider,
)
from qlue.cities.facts import city_facts
from qlue.web.presentation.theme import theme_colour


def send_mail(account: Account, delivery: Delivery) -> str:
    if not settings.EMAIL_HOST:
        raise MessageNotSent("no mail server is named")
    # A Message-ID needs a domain after its @; ours, so that no other system makes the same.
    host = urlsplit(str(settings.PUBLIC_URL)).hostname or "qlue"
    message_id = f"<{delivery.id}@{host}>"
    mail = _build_mail(account, delivery, message_id)
    try:
        mail.send(fail_silently=False)
    except (ConnectionRefusedError, SMTPConnectError) as error:
        raise MessageNotSent(str(error)[:200]) from error
    except SMTPRecipientsRefused as error:
        raise _refusal_error(error) from error
    # Broken in the middle: the server may have taken the mail before the connection was lost.
    except SMTPServerDisconnected as error:
        raise DeliveryUncertain(str(error)[:200]) from error
    except SMTPResponseException as error:
        raise _error_for_smtp_code(error.smtp_code, str(error.smtp_error)) from error
    except (SMTPException, ValueError) as error:
        raise MessageRejected(str(error)[:200]) from error
    except OSError as error:
        raise DeliveryUncertain(str(error)[:200]) from error
    return message_id


def _build_mail(account: Account, delivery: Delivery, message_id: str) -> EmailMultiAlternatives:
    # "Auto-Submitted" (RFC 3834) keeps out-of-office programs from answering.
    headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated"} | _unsubscribe_headers(
        delivery.message.stop
    )
    mail = EmailMultiAlternatives(
        delivery.message.subject, delivery.message.text, to=[delivery.address], headers=headers
    )
    mail.attach_alternative(_render_html(account, delivery), "text/html")
    for file in delivery.message.files:
        mail.attach(file.name, _attachment_bytes(file), file.mime)
    return mail


def _attachment_bytes(file: Attachment) -> bytes:
    try:
        with default_storage.open(file.path) as stream:
            content: bytes = stream.read()
    except FileNotFoundError as error:
        raise MessageRejected("the file that should go along is gone") from error
    return content


def _render_html(account: Account, delivery: Delivery) -> str:
    """The same text under the city's name and colour, its link as a button; nothing is fetched from anywhere."""
    city = city_facts(account.city)
    look = city.theme if city else {}
    name = look.get("logo") or (city.name if city else "")
    return render_to_string(
        "channels/mail.html", {"message": delivery.message, "name": name, "colour": theme_colour(look)}
    )


def _unsubscribe_headers(address: str) -> dict[str, str]:
    """Headers for the mailbox's own unsubscribe button (RFC 2369, RFC 8058)."""
    one_click = {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return one_click if address else {}


def _refusal_error(error: SMTPRecipientsRefused) -> Exception:
    # One recipient for each mail, so there is one answer.
    code, reply = next(iter(error.recipients.values()))
    return _error_for_smtp_code(code, reply.decode(errors="replace") if isinstance(reply, bytes) else str(reply))


def _error_for_smtp_code(code: int, reply: str) -> Exception:
    """4xx is temporary (greylisting among them), 5xx final; but a refused sign-in (53x) is ours to mend."""
    reason = f"{code} {reply}"[:200]
    return MessageNotSent(reason) if code < 500 or code in (530, 534, 535) else MessageRejected(reason)


MAIL = Provider(channel="email", send=send_mail)
