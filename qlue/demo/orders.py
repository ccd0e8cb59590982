"""The demo's crews, shifts and work orders; now and then a transfer between agencies and an answer from PLN."""

from collections import Counter
from datetime import date, time, timedelta
from random import Random
from uuid import UUID

from django.db import transaction

from qlue.cities.facts import AgencyFacts, CityFacts
from qlue.demo import phrases
from qlue.demo.pictures import draw_scene
from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.kit.ids import uuid7
from qlue.people.actions import load_demo_users
from qlue.people.models import Membership, Role
from qlue.reports.actions import ActionRefused, Actor, StoredPhoto, store_photos, transition
from qlue.reports.records import PHOTOS, REPORTS
from qlue.reports.states import ReportStatus
from qlue.work import actions
from qlue.work.actions.crews import CrewInput, ShiftTimes
from qlue.work.models import Crew, CrewMember, ExternalReferral, Order, Transfer
from qlue.work.records import ORDERS
from qlue.work.states import LIVE_STATES, OrderState, ReferralState, TransferState

PASSWORD = "demo-qlue-kota"  # noqa: S105
DAY: list[ShiftTimes] = [(day, time(6), time(18)) for day in range(7)]
NIGHT: list[ShiftTimes] = [(day, time(16), time(8)) for day in range(7)]
CREWS = (("Regu Pagi", DAY), ("Regu Malam", NIGHT))
MOST_LIVE = 24  # orders at once in one city
NEXT_VERB = {"offered": "accept", "accepted": "set_out", "en_route": "arrive", "on_site": "begin", "returned": "begin"}
TASKS = ("Periksa lokasi lalu kerjakan.", "Bawa alat lengkap; parkir di jalan utama.", "Kerjakan sebelum sore.")

REPORTS_WITHOUT_ORDER = f"""
SELECT id, agency_id FROM {REPORTS} AS r
WHERE city_id = %s AND agency_id IS NOT NULL
    AND status IN ('{ReportStatus.ROUTED}', '{ReportStatus.ACCEPTED}', '{ReportStatus.IN_PROGRESS}',
        '{ReportStatus.REOPENED}')
    AND NOT EXISTS (SELECT FROM {ORDERS} AS o
        WHERE o.city_id = r.city_id AND o.report_id = r.id
            AND o.state NOT IN ('{OrderState.CANCELLED}', '{OrderState.CLOSED}'))
ORDER BY created_at DESC LIMIT %s
"""
# Public ones only: what is asked of an authority leaves the city.
REPORTS_TO_REFER = f"""
SELECT id, agency_id FROM {REPORTS} AS report WHERE city_id = %s AND NOT private AND agency_id IS NOT NULL
    AND status IN ('{ReportStatus.ACCEPTED}', '{ReportStatus.IN_PROGRESS}') ORDER BY created_at DESC LIMIT 10
"""


def seed_orders(city: CityFacts) -> None:
    """Crews of every agency, somebody on leave, and orders in several states; does nothing the second time."""
    if not city.joined or Crew.objects.filter(city_id=city.id).exists():
        return
    dice = Random(f"{city.slug} crews")
    with transaction.atomic():
        for agency in city.open_agencies:
            _create_crews(city, agency, dice)
        _record_leave(city)
    steps = [_give_order] * (MOST_LIVE // 2) + [_advance_order] * MOST_LIVE * 2 + [_advance_transfer, _advance_referral]
    for step in steps:
        try:
            step(city, dice)
        except ActionRefused:
            continue  # what the dice chose is not possible


def _create_crews(city: CityFacts, agency: AgencyFacts, dice: Random) -> None:
    """Two crews that share day and night; the names of their people say that they are accounts of the demo."""
    head = _first_member(city, agency.id, Role.HEAD)
    if head is None:
        return
    names = [f"petugas.{agency.slug}.{number}" for number in range(2, 5)]
    account = {"role": Role.OFFICER, "agency": agency.slug, "password": PASSWORD}
    users = [
        account | {"username": name, "name": f"Petugas {agency.short_name} {n} (demo)"}
        for n, name in enumerate(names, 2)
    ]
    load_demo_users(city, users)
    officers = [member.user_id for member in _members_with_role(city, agency.id, Role.OFFICER)]
    skills = [category.slug for category in city.open_categories if category.agency_id == agency.id]
    half = (len(officers) + 1) // 2
    for (name, shifts), people in zip(CREWS, (officers[:half], officers[half:]), strict=True):
        area = dice.choice(city.kelurahan)
        crew_skills = skills if name == CREWS[0][0] else []
        crew = CrewInput(f"{name} {agency.short_name}", crew_skills, area.lon, area.lat, 4, people, shifts)
        actions.save_crew(city=city, actor=head, agency=agency.id, crew_input=crew)


def _members_with_role(city: CityFacts, agency: int, role: str) -> list[Membership]:
    members = Membership.objects.filter(city_id=city.id, agency_id=agency, role=role, active=True)
    return list(members.select_related("user").order_by("id"))


def _first_member(city: CityFacts, agency: int, role: str) -> Membership | None:
    return next(iter(_members_with_role(city, agency, role)), None)


def _record_leave(city: CityFacts) -> None:
    """The last person of the first crew is away for three days."""
    crew = Crew.objects.filter(city_id=city.id).order_by("id").first()
    away = CrewMember.objects.filter(city_id=city.id, crew=crew).order_by("-user_id").first() if crew else None
    head = _first_member(city, crew.agency_id, Role.HEAD) if crew else None
    if away and head:
        today: date = now().astimezone(city.tz).date()
        last = today + timedelta(days=2)
        actions.add_leave(city=city, actor=head, user=away.user_id, first=today, last=last, kind="leave")


def tick_orders(city: CityFacts, tick: int) -> None:
    """One order moves on; at times a new order, a transfer, an answer from outside."""
    if not city.joined:
        return
    dice = Random(f"{city.slug} {tick}")
    try:
        _advance_order(city, dice)
        if tick % 4 == 0:
            _give_order(city, dice)
        if tick % 25 == 0:
            _advance_transfer(city, dice)
        if tick % 40 == 0:
            _advance_referral(city, dice)
    except ActionRefused:
        return  # somebody else was faster: a person, or the other parts of the demo


def _give_order(city: CityFacts, dice: Random) -> None:
    """A head orders a crew to a case that has none."""
    if Order.objects.filter(city_id=city.id, state__in=LIVE_STATES).count() >= MOST_LIVE:
        return
    reports = fetch_all(REPORTS_WITHOUT_ORDER, [city.id, 20])
    if not reports:
        return
    report, agency = dice.choice(reports)
    head = _first_member(city, agency, Role.HEAD)
    crews = [crew.id for crew in Crew.objects.filter(city_id=city.id, agency_id=agency).order_by("id")]
    live_orders = Order.objects.filter(city_id=city.id, state__in=LIVE_STATES)
    orders_of_crew = Counter(live_orders.values_list("crew_id", flat=True))
    if head and crews:
        freest = min(crews, key=lambda crew: orders_of_crew[crew])
        actions.create_order(city=city, report_id=report, actor=head, crew=freest, task=dice.choice(TASKS))


def _advance_order(city: CityFacts, dice: Random) -> None:
    """One live order goes a step on, mostly forward."""
    orders = list(Order.objects.filter(city_id=city.id, state__in=LIVE_STATES).order_by("updated_at", "id")[:6])
    if not orders:
        return
    order = dice.choice(orders)
    head, officer = _first_member(city, order.agency_id, Role.HEAD), _crew_officer(city, order)
    if head is None or officer is None:
        return
    if order.state == OrderState.SUBMITTED:
        _review_work(city, order, head, dice)
    elif order.state == OrderState.WORKING:
        _hand_in_work(city, order, officer, dice)
    elif order.state == OrderState.OFFERED and dice.random() < 0.06:
        reason = "Alat kami sedang dipakai di tempat lain."
        actions.transition_order(city=city, order_id=order.id, verb="decline", actor=officer, reason=reason)
    elif verb := NEXT_VERB.get(order.state):
        actions.transition_order(city=city, order_id=order.id, verb=verb, actor=officer)


def _crew_officer(city: CityFacts, order: Order) -> Membership | None:
    people = CrewMember.objects.filter(city_id=city.id, crew_id=order.crew_id or 0).values_list("user_id", flat=True)
    members = Membership.objects.filter(city_id=city.id, user_id__in=people, active=True).select_related("user")
    return members.order_by("id").first() or _first_member(city, order.agency_id, Role.OFFICER)


def _hand_in_work(city: CityFacts, order: Order, officer: Membership, dice: Random) -> None:
    """The work is handed in with a drawing of the finished street, or waits for better weather."""
    if dice.random() < 0.08:
        until = now() + timedelta(days=1)
        reason = "Hujan deras, pekerjaan dilanjutkan besok."
        actions.transition_order(city=city, order_id=order.id, verb="hold", actor=officer, reason=reason, until=until)
        return
    owner = UUID(int=dice.getrandbits(128), version=4)
    photo = store_photos(city.id, owner, [draw_scene(dice.randrange(12), is_repaired=True)])
    description = dice.choice(phrases.RESOLUTIONS)
    actions.transition_order(city=city, order_id=order.id, verb="submit", actor=officer, words=description, photo=photo)


STORED_PHOTOS = f"SELECT uuid, width, height, taken_at FROM {PHOTOS} AS photo WHERE city_id = %s AND uuid = ANY(%s)"


def _review_work(city: CityFacts, order: Order, head: Membership, dice: Random) -> None:
    """Mostly approved; then the head resolves the report with what the crew brought."""
    if dice.random() < 0.1:
        reason = "Foto belum memperlihatkan hasil pekerjaan."
        actions.transition_order(city=city, order_id=order.id, verb="return", actor=head, reason=reason)
        return
    actions.transition_order(city=city, order_id=order.id, verb="approve", actor=head)
    if not actions.count_open_orders(city, order.report_id):
        rows = fetch_all(STORED_PHOTOS, [city.id, actions.submitted_photo_ids(city, order)])
        photos, actor = [StoredPhoto(*row) for row in rows], Actor(head)
        transition(
            city=city, report_id=order.report_id, verb="resolve", actor=actor, words=order.done_words, photo=photos
        )


def _advance_transfer(city: CityFacts, dice: Random) -> None:
    """An open transfer is answered; without one a head asks another agency."""
    transfer = Transfer.objects.filter(city_id=city.id, state=TransferState.ASKED).order_by("id").first()
    if transfer is None:
        reports = fetch_all(REPORTS_WITHOUT_ORDER, [city.id, 20])
        if reports:
            report, agency = dice.choice(reports)
            _request_transfer(city, report, agency, dice)
        return
    head = _first_member(city, transfer.to_agency_id, Role.HEAD)
    if head:
        accept = dice.random() < 0.6
        message = "Baik, kami tangani." if accept else "Bukan kewenangan kami."
        actions.answer_transfer(city=city, transfer_id=transfer.id, actor=head, accept=accept, message=message)


def _request_transfer(city: CityFacts, report: int, agency: int, dice: Random) -> None:
    head = _first_member(city, agency, Role.HEAD)
    other_agencies = [candidate.id for candidate in city.open_agencies if candidate.id != agency]
    if head and other_agencies:
        receiving_agency, reason = dice.choice(other_agencies), phrases.REROUTE_REASON
        actions.request_transfer(
            city=city, report_id=report, actor=head, agency=receiving_agency, reason=reason, uuid=uuid7()
        )


def _advance_referral(city: CityFacts, dice: Random) -> None:
    """An authority outside is asked, or answers."""
    waiting_referrals = ExternalReferral.objects.filter(city_id=city.id, state__in=ExternalReferral.WAITING)
    referral = waiting_referrals.order_by("id").first()
    if referral is not None:
        verb = "accepted" if referral.state == ReferralState.ASKED else "done"
        message = "" if verb == "accepted" else "Sudah kami perbaiki di lapangan."
        actions.answer_referral(city=city, referral=referral, answer=verb, message=message)
        return
    reports = fetch_all(REPORTS_TO_REFER, [city.id])
    authorities = [authority for authority in city.authorities.values() if authority.active]
    if reports and authorities:
        report, agency = dice.choice(reports)
        head = _first_member(city, agency, Role.HEAD)
        if head:
            authority = dice.choice(authorities).id
            request = "Mohon diperiksa dan ditangani; warga menunggu."
            actions.refer_external(city=city, report_id=report, actor=head, authority_id=authority, message=request)
