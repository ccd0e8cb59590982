"""What the tests of messages share: recorded-shape payloads, signed as the providers do, and the jobs run by hand."""

import json
from base64 import b64encode
from hashlib import sha1
from hmac import new as hmac
from itertools import count
from urllib.parse import quote, urlencode

from qlue.channels.actions import conversations as talking
from qlue.channels.actions import inbox, outbox
from qlue.channels.models import Inbound, Outbound, RawWebhook
from qlue.demo.simulator.residents import sign_body
from qlue.kit.clock import now
from qlue.reports.tests.making import officer

NUMBERS = count(1)
WARGA = "6281355500017"


def body(*messages, statuses=(), name="Sari"):
    """A POST of the WhatsApp Cloud API, in the shape of Meta's documentation."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "62411112", "phone_number_id": "1059"},
        "contacts": [{"profile": {"name": name}, "wa_id": WARGA}],
    }
    value |= {"messages": list(messages)} if messages else {}
    value |= {"statuses": list(statuses)} if statuses else {}
    changes = [{"value": value, "field": "messages"}]
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "10222", "changes": changes}]}).encode()


def wa(kind="text", *, at=None, sender=WARGA, number=None, **content):
    """One message inside such a POST."""
    n = number or f"wamid.{next(NUMBERS):06}"
    stamp = str(at if at is not None else int(now().timestamp()))
    return {"from": sender, "id": n, "timestamp": stamp, "type": kind, kind: content}


def said(text, **more):
    return wa("text", body=text, **more)


def status(number, state, own="", **more):
    """One status of a message of ours."""
    known = {"id": number, "status": state, "timestamp": str(int(now().timestamp())), "recipient_id": WARGA}
    return known | ({"biz_opaque_callback_data": own} if own else {}) | more


def post_wa(client, payload, *, secret="app-s3cret", city="makassar", signature=None):
    signed = sign_body(secret, payload) if signature is None else signature
    return client.post(
        f"/{city}/webhook/whatsapp/", payload, content_type="application/json", headers={"X-Hub-Signature-256": signed}
    )


def get_sms(client, text, *, sender="+6281355500017", key="k3y", number=None, charset="UTF-8", **more):
    """What Kannel asks for one SMS; `text` may be bytes of that charset."""
    given = {"key": key, "from": sender, "to": "112", "charset": charset, "coding": "0"}
    given |= {"id": number or f"smsc-{next(NUMBERS)}", "at": str(int(now().timestamp()))} | more
    data = text if isinstance(text, bytes) else text.encode()
    return client.get(f"/makassar/webhook/kannel/?{urlencode(given)}&text={quote(data)}")


def post_twilio(client, settings, fields, *, token="t0ken", query=""):
    path = f"/makassar/webhook/twilio/{query}"
    url = settings.PUBLIC_URL.rstrip("/") + path
    joined = url + "".join(name + value for name, value in sorted(fields.items()))
    proof = b64encode(hmac(token.encode(), joined.encode(), sha1).digest()).decode()
    return client.post(
        path, urlencode(fields), content_type="application/x-www-form-urlencoded", headers={"X-Twilio-Signature": proof}
    )


def post_telegram(client, update, *, secret="s3cret"):
    return client.post(
        "/makassar/webhook/telegram/",
        json.dumps(update),
        content_type="application/json",
        headers={"X-Telegram-Bot-Api-Secret-Token": secret},
    )


def run_jobs(city, at=None):
    """Everything that the worker would do now; returns how many messages left."""
    for number in RawWebhook.objects.filter(state="new").order_by("id").values_list("id", flat=True):
        inbox.parse_webhook(city, number)
    for kind, sender in set(Inbound.objects.filter(state="new").values_list("kind", "sender")):
        talking.answer_sender(city, kind, sender)
    sent = 0
    for numbers in outbox.due_messages(city, at).values():
        sent += sum(outbox.deliver_message(city, number, at) == "sent" for number in numbers)
    return sent


def states():
    return list(Outbound.objects.order_by("id").values_list("state", flat=True))


def sign_in(client, city, role, agency="dlh"):
    """Somebody with this role; the client is theirs from here on."""
    member = officer(city, role, agency)
    client.force_login(member.user)
    return member
