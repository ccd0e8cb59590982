"""Work orders: who may move them where, and how the report moves along."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import transaction

from qlue.kit.clock import now
from qlue.kit.db import fetch_all, fetch_value
from qlue.kit.ids import uuid7
from qlue.people.rights import may
from qlue.reports.actions import ActionRefused, StoredPhoto
from qlue.work.actions import count_open_orders, create_order, transition_order
from qlue.work.models import Crew, CrewMember
from qlue.work.queries.notices import member_notices
from qlue.work.states import ENDED_STATES, LIVE_STATES, ORDER_COLOURS, ORDER_ICONS, ORDER_LABELS, ORDER_TRANSITIONS
from qlue.work.tests.conftest import number


def status(code):
    return fetch_value("SELECT status FROM reports_report WHERE id = %s", [number(code)])


def shot():
    return StoredPhoto(uuid7(), 320, 240, None)


@pytest.fixture
def order(makassar, member, case):
    """Makes a report and an order for it: `order("in_progress")` gives (code, order)."""

    def make(state="routed", **given):
        code = case(state)
        by = given.pop("by", None) or member("head", "dlh")
        return code, create_order(city=makassar, report_id=number(code), actor=by, **given)

    return make


@pytest.fixture
def act(makassar, member):
    """Moves an order as an officer of DLH, or as `by`."""

    def move(one_order, verb, by=None, **given):
        given = {"reason": "Alat rusak", "until": now() + timedelta(days=2)} | given if verb == "hold" else given
        given = {"words": "Sudah bersih", "photo": [shot()]} | given if verb == "submit" else given
        who = by or member("officer", "dlh")
        return transition_order(city=makassar, order_id=one_order.id, verb=verb, actor=who, **given)

    return move


def test_an_order_goes_its_way_and_the_report_with_it(order, act, member):
    head = member("head", "dlh")
    code, made = order()
    assert (made.number, made.state, status(code)) == (1, "offered", "routed")
    for verb, state, report in (
        ("accept", "accepted", "accepted"),
        ("set_out", "en_route", "accepted"),
        ("arrive", "on_site", "accepted"),
        ("begin", "working", "in_progress"),
        ("hold", "on_hold", "on_hold"),
        ("resume", "working", "in_progress"),
        ("submit", "submitted", "in_progress"),
    ):
        assert act(made, verb).state == state
        assert status(code) == report
    assert act(made, "return", by=head, reason="Foto gelap").state == "returned"
    act(made, "begin")
    act(made, "submit")
    done = act(made, "approve", by=head)
    assert done.state == "approved"
    assert done.ended_at
    assert status(code) == "in_progress"  # the head resolves it, with words for the reporter


def test_the_deadline_is_the_reports_own_and_numbers_count_per_report(makassar, order, member):
    code, first = order()
    second = create_order(city=makassar, report_id=number(code), actor=member("head", "dlh"), task="Angkut sisanya")
    assert (first.number, second.number) == (1, 2)
    assert second.due_at == fetch_value("SELECT due_at FROM reports_report WHERE id = %s", [number(code)])


def test_a_report_waits_only_when_all_its_orders_wait(makassar, order, act, member):
    code, first = order()
    second = create_order(city=makassar, report_id=number(code), actor=member("head", "dlh"))
    for one_order in (first, second):
        act(one_order, "accept")
        act(one_order, "begin")
    act(first, "hold")
    assert status(code) == "in_progress"
    act(second, "hold")
    assert status(code) == "on_hold"
    act(first, "resume")
    assert status(code) == "in_progress"


def test_joint_work_another_agency_helps_while_one_leads(makassar, order, act, member):
    pu, theirs = makassar.agency("pu").id, member("officer", "pu")
    code, made = order("accepted", agency=pu)
    with pytest.raises(ActionRefused):
        act(made, "accept")  # DLH's officer has no say in PU's order
    act(made, "accept", by=theirs)
    act(made, "begin", by=theirs)
    assert status(code) == "in_progress"
    assert (
        fetch_value("SELECT agency_id FROM reports_report WHERE id = %s", [number(code)]) == makassar.agency("dlh").id
    )
    with pytest.raises(ActionRefused):
        act(made, "cancel", by=theirs, reason="Tidak perlu")
    act(made, "cancel", by=member("head", "dlh"), reason="Sudah cukup")


def test_only_the_crew_that_has_it_moves_it_and_their_head(makassar, order, act, member):
    dlh, mine, other = makassar.agency("dlh").id, member("officer", "dlh"), member("officer", "dlh", "lain")
    crew = Crew.objects.create(city_id=makassar.id, agency_id=dlh, name="Regu A", lon=119.4, lat=-5.1)
    CrewMember.objects.create(city_id=makassar.id, crew=crew, user_id=mine.user_id)
    _code, made = order(crew=crew.id)
    with pytest.raises(ActionRefused):
        act(made, "accept", by=other)
    assert act(made, "accept", by=mine).state == "accepted"
    assert act(made, "begin", by=member("head", "dlh")).state == "working"
    with pytest.raises(ActionRefused):
        order(agency=makassar.agency("pu").id, crew=crew.id)  # a crew of another agency


class Back(Exception):
    """Ends a move's transaction without a trace."""


@pytest.mark.parametrize("state", ORDER_COLOURS)
def test_everybody_can_do_exactly_what_the_table_says(makassar, order, act, member, state):
    dlh = makassar.agency("dlh").id
    rights = {"crew": "work_in_field", "lead": "lead_crews", "review": "review_proof"}
    _code, made = order("in_progress")
    made.state = state
    made.save()
    people = [member(*who) for who in (("officer", "dlh"), ("head", "dlh"), ("operator", ""), ("mayor", ""))]
    for who, (verb, what) in product(people, ORDER_TRANSITIONS.items()):
        given = {"reason": "Sebab"} if "reason" in what.needs else {}
        right = may(who, rights[what.permission], dlh) and state in what.sources
        with pytest.raises(Back if right else ActionRefused), transaction.atomic():
            raise Back(act(made, verb, by=who, **given))


def test_every_state_has_its_word_sign_and_place():
    assert set(ORDER_COLOURS) == set(ORDER_LABELS) == set(ORDER_ICONS)
    assert {*LIVE_STATES, *ENDED_STATES, "draft", "declined"} == set(ORDER_COLOURS)
    assert {move.target for move in ORDER_TRANSITIONS.values()} | {"draft"} == set(ORDER_COLOURS)


@pytest.mark.parametrize("verb", ["decline", "hold", "submit", "return", "cancel"])
def test_what_is_missing_is_asked_for(order, act, member, verb):
    _code, made = order()
    made.state = ORDER_TRANSITIONS[verb].sources[0]
    made.save()
    with pytest.raises(ActionRefused) as refused:
        act(made, verb, by=member("head", "dlh"), reason="", words="", photo=[])
    assert refused.value.field in ORDER_TRANSITIONS[verb].needs


def test_sent_twice_is_done_once(makassar, order, act, member):
    uuid, code_uuid = uuid7(), uuid7()
    code, made = order(uuid=code_uuid)
    again = create_order(city=makassar, report_id=number(code), actor=member("head", "dlh"), uuid=code_uuid)
    assert again.id == made.id
    act(made, "accept", uuid=uuid)
    assert act(made, "accept", uuid=uuid).state == "accepted"
    assert fetch_value("SELECT count(*) FROM timeline_happening WHERE kind = 'order.accepted'") == 1
    with pytest.raises(ActionRefused):
        act(made, "accept", uuid=uuid7())


def test_nothing_is_ordered_for_what_has_ended_or_is_anothers(order, member):
    with pytest.raises(ActionRefused):
        order("confirmed")
    with pytest.raises(ActionRefused):
        order(by=member("head", "pu"))
    with pytest.raises(ActionRefused):
        order(by=member("officer", "dlh"))


def test_handed_in_photos_are_public_only_once_approved(makassar, order, act, member, client):
    code, made = order("in_progress")
    photo = shot()
    act(made, "accept")
    act(made, "begin")
    act(made, "submit", photo=[photo])
    kinds = "SELECT kind FROM reports_photo WHERE uuid = %s"
    page = client.get(f"/makassar/laporan/{code}/").content.decode()
    assert fetch_value(kinds, [photo.uuid]) == "proof"
    assert photo.uuid.hex not in page.replace("-", "")
    act(made, "approve", by=member("head", "dlh"))
    assert fetch_value(kinds, [photo.uuid]) == "after"


def test_residents_read_that_a_crew_comes_and_nothing_of_the_desk(order, act, client):
    code, made = order(task="Bawa dua truk")
    act(made, "accept")
    act(made, "set_out")
    page = client.get(f"/makassar/laporan/{code}/").content.decode()
    assert "Regu sedang menuju lokasi" in page
    assert "Bawa dua truk" not in page


def test_those_concerned_hear_of_it(makassar, order, act, member):
    head, mine = member("head", "dlh"), member("officer", "dlh")
    _code, made = order(person=mine.user_id)
    assert [row.kind for row in member_notices(makassar, mine)] == ["order.offered"]
    act(made, "accept")
    act(made, "begin")
    act(made, "submit")
    assert [row.kind for row in member_notices(makassar, head)] == ["order.submitted"]
    act(made, "approve", by=head)
    assert [row.kind for row in member_notices(makassar, mine)] == ["order.approved", "order.offered"]


def test_open_orders_are_counted(makassar, order, act, member):
    code, made = order()
    assert count_open_orders(makassar, number(code)) == 1
    act(made, "cancel", by=member("head", "dlh"), reason="Ganda")
    assert count_open_orders(makassar, number(code)) == 0
    assert fetch_all("SELECT reason FROM work_order WHERE id = %s", [made.id]) == [("Ganda",)]
