"""The outbox: nothing is lost, nothing goes twice, and what cannot go is seen."""

from datetime import timedelta
from random import Random

from django.db import transaction

from qlue.channels.actions import outbox
from qlue.channels.actions.outbox import (
    GIVE_UP_AFTER,
    RECEIPT_GRACE,
    apply_receipt,
    backoff,
    deliver_message,
    due_messages,
    queue_message,
    send_again,
)
from qlue.channels.models import ChannelHealth, Outbound
from qlue.channels.providers.contract import OutgoingMessage, Receipt
from qlue.kit.clock import now


def put(city, n=1, kind="whatsapp", **more):
    return queue_message(city, key=f"k{n}", kind=kind, address="62811", message=OutgoingMessage(f"Kabar {n}"), **more)


def run_until_quiet(city, at, until, step=timedelta(minutes=10)):
    """The minutes pass; nobody sleeps."""
    while at < until:
        for numbers in due_messages(city, at).values():
            for number in numbers:
                deliver_message(city, number, at, Random(number))
        at += step
    return at


def test_a_message_is_queued_once_and_only_with_its_cause(makassar, lines):
    assert put(makassar)
    assert put(makassar) is None
    with transaction.atomic():
        put(makassar, 2)
        transaction.set_rollback(True)
    assert Outbound.objects.count() == 1


def test_two_workers_send_it_once(makassar, lines):
    number = put(makassar) or 0
    assert deliver_message(makassar, number) == "sent"
    assert deliver_message(makassar, number) == ""
    assert len(lines.accepted) == 1


def test_a_provider_that_is_down_for_three_days_loses_nothing_and_doubles_nothing(makassar, lines):
    start = now()
    lines.mood = lambda n: "down"
    for n in range(6):
        put(makassar, n, at=start)
    at = run_until_quiet(makassar, start, start + timedelta(hours=72), timedelta(hours=1))
    assert Outbound.objects.filter(state__in=("queued", "failed_for_now")).count() == 6
    assert lines.requests < 200  # the line rests instead of asking a dead provider for each message
    lines.mood = lambda n: ""
    run_until_quiet(makassar, at, at + timedelta(hours=8), timedelta(minutes=30))
    assert set(Outbound.objects.values_list("state", flat=True)) == {"sent"}
    assert len(lines.accepted) == len({one.own_id for one in lines.accepted}) == 6


def test_after_days_it_is_given_up_where_people_see_it_and_may_try_again(makassar, lines):
    start = now()
    lines.mood = lambda n: "down"
    put(makassar, at=start)
    run_until_quiet(makassar, start, start + GIVE_UP_AFTER + timedelta(hours=7), timedelta(hours=2))
    [lost] = Outbound.objects.all()
    assert lost.state == "gave_up"
    assert "503" in lost.error
    lines.mood = lambda n: ""
    ChannelHealth.objects.all().delete()
    assert send_again(makassar, [lost.id]) == 1
    assert deliver_message(makassar, lost.id) == "sent"


def test_an_accepted_message_whose_answer_was_lost_waits_for_its_receipt(makassar, lines):
    lines.mood = lambda n: "drop"
    number, start = put(makassar), now()
    assert deliver_message(makassar, number, start) == "failed_for_now"
    out = Outbound.objects.get()
    assert out.next_at >= start + RECEIPT_GRACE
    assert apply_receipt(makassar, "whatsapp", Receipt("delivered", start, "wamid.1", str(out.uuid)))
    lines.mood = lambda n: ""
    run_until_quiet(makassar, start, start + timedelta(hours=2))
    assert Outbound.objects.get().state == "delivered"
    assert len(lines.accepted) == 1


def test_without_a_receipt_it_goes_again_because_losing_is_worse(makassar, lines):
    lines.mood = lambda n: "drop" if n == 1 else ""
    start = now()
    put(makassar, at=start)
    run_until_quiet(makassar, start, start + timedelta(hours=2))
    assert Outbound.objects.get().state == "sent"
    assert len(lines.accepted) == 2
    assert len({one.own_id for one in lines.accepted}) == 1


def test_a_worker_that_died_while_sending_leaves_it_in_doubt_not_lost(makassar, lines):
    start = now()
    number = put(makassar, at=start)
    Outbound.objects.update(state="sending", next_at=start + outbox.LEASE)
    assert due_messages(makassar, start) == {}
    run_until_quiet(makassar, start, start + timedelta(hours=1))
    assert Outbound.objects.get(id=number).state == "sent"


def test_a_refusal_for_good_is_no_failure_of_the_line(makassar, lines):
    Outbound.objects.all().delete()
    letter = OutgoingMessage("x")
    number = queue_message(makassar, key="p", kind="push", address="https://evil.example/x", message=letter) or 0
    assert deliver_message(makassar, number) == "gave_up"
    assert ChannelHealth.objects.get(kind="push").failures == 0


def test_one_dead_line_delays_no_other(makassar, lines):
    start = now()
    lines.mood = lambda n: "down" if n <= 3 else ""
    for n in range(3):
        deliver_message(makassar, put(makassar, n, at=start) or 0, start)
    put(makassar, 9, at=start)
    put(makassar, 10, "telegram", at=start)
    assert list(due_messages(makassar, start)) == ["telegram"]


def test_pauses_grow_and_spread():
    dice = Random(1)
    pauses = [backoff(tries, dice).total_seconds() for tries in range(1, 30)]
    assert 22 <= pauses[0] <= 38
    assert max(pauses) <= 6 * 3600 * 1.25
    assert len(set(pauses)) == len(pauses)


def test_later_than_a_day_whatsapp_gets_the_template(makassar, lines):
    from qlue.channels.actions.accounts import save_account

    save_account(makassar, "whatsapp", lines.account("whatsapp") | {"template": "kabar_laporan"})
    deliver_message(makassar, put(makassar) or 0)
    assert lines.accepted[0].fields["template"]["name"] == "kabar_laporan"
