"""The demo's crews, shifts and work orders: seeded once, then moving; now and then a hand-over and PLN's answer."""

from collections import Counter
from datetime import date, time, timedelta
from random import Random
from uuid import UUID

from django.db import transaction

from qlue.cities.facts import AgencyFacts, CityFacts
from qlue.demo import words
from qlue.demo.pictures import picture
from qlue.kit.clock import now
from qlue.kit.db import fetch_all
from qlue.kit.ids import uuid7
from qlue.people.actions import load_demo_users
from qlue.people.models import Membership, Role
from qlue.reports.actions import Mover as By
from qlue.reports.actions import Refused, StoredPhoto, move, store_photos
from qlue.work import actions
from qlue.work.actions.crews import ShiftTimes, Wanted
from qlue.work.models import Crew, CrewMember, HandOver, Order, OutsideAsk
from qlue.work.states import LIVE

PASSWORD = "demo-qlue-kota"  # noqa: S105
DAY: list[ShiftTimes] = [(day, time(6), time(18)) for day in range(7)]
NIGHT: list[ShiftTimes] = [(day, time(16), time(8)) for day in range(7)]
CREWS = (("Regu Pagi", DAY), ("Regu Malam", NIGHT))
MOST_LIVE = 24  # orders at once in one city
STEPS = {"offered": "accept", "accepted": "set_out", "en_route": "arrive", "on_site": "begin", "returned": "begin"}
TASKS = ("Periksa lokasi lalu kerjakan.", "Bawa alat lengkap; parkir di jalan utama.", "Kerjakan sebelum sore.")

WAITING = """
SELECT id, agency_id FROM reports_report r
WHERE city_id = %s AND status IN ('routed', 'accepted', 'in_progress', 'reopened') AND agency_id IS NOT NULL
    AND NOT EXISTS (SELECT FROM work_order o
        WHERE o.city_id = r.city_id AND o.report_id = r.id AND o.state NOT IN ('cancelled', 'closed'))
ORDER BY created_at DESC LIMIT %s
"""


def seed(city: CityFacts) -> None:
    """Crews of every agency, somebody on leave, and orders in several states; does nothing the second time."""
    if not city.joined or Crew.objects.filter(city_id=city.id).exists():
        return
    dice = Random(f"{city.slug} crews")
    with transaction.atomic():
        for agency in city.open_agencies:
            _crews(city, agency, dice)
        _leave(city)
    for step in [_give] * (MOST_LIVE // 2) + [_advance] * MOST_LIVE * 2 + [_pass_on, _ask_outside]:
        try:
            step(city, dice)
        except Refused:
            continue  # what the dice chose is not possible; the next throw


def _crews(city: CityFacts, agency: AgencyFacts, dice: Random) -> None:
    """Two crews that share day and night; their people are plainly accounts of the demo."""
    head = _member(city, agency.id, Role.HEAD)
    if head is None:
        return
    names = [f"petugas.{agency.slug}.{number}" for number in range(2, 5)]
    new = [
        {"username": name, "name": f"Petugas {agency.short_name} {n} (demo)", "role": Role.OFFICER,
         "agency": agency.slug, "password": PASSWORD}
        for n, name in enumerate(names, 2)
    ]  # fmt: skip
    load_demo_users(city, new)
    officers = [one.user_id for one in _members(city, agency.id, Role.OFFICER)]
    skills = [one.slug for one in city.open_categories if one.agency_id == agency.id]
    half = (len(officers) + 1) // 2
    for (name, shifts), people in zip(CREWS, (officers[:half], officers[half:]), strict=True):
        area = dice.choice(city.kelurahan)
        chosen = skills if name == CREWS[0][0] else []
        wanted = Wanted(f"{name} {agency.short_name}", chosen, area.lon, area.lat, 4, people, shifts)
        actions.save_crew(city=city, by=head, agency=agency.id, wanted=wanted)


def _members(city: CityFacts, agency: int, role: str) -> list[Membership]:
    found = Membership.objects.filter(city_id=city.id, agency_id=agency, role=role, active=True)
    return list(found.select_related("user").order_by("id"))


def _member(city: CityFacts, agency: int, role: str) -> Membership | None:
    return next(iter(_members(city, agency, role)), None)


def _leave(city: CityFacts) -> None:
    """The last person of the first crew is away for three days."""
    crew = Crew.objects.filter(city_id=city.id).order_by("id").first()
    away = CrewMember.objects.filter(city_id=city.id, crew=crew).order_by("-user_id").first() if crew else None
    head = _member(city, crew.agency_id, Role.HEAD) if crew else None
    if away and head:
        today: date = now().astimezone(city.tz).date()
        last = today + timedelta(days=2)
        actions.note_leave(city=city, by=head, user=away.user_id, first=today, last=last, kind="leave")


def turn(city: CityFacts, tick: int) -> None:
    """Every few seconds an order moves; at times a new one, a hand-over, an answer from outside."""
    if not city.joined:
        return
    dice = Random(f"{city.slug} {tick}")
    try:
        _advance(city, dice)
        if tick % 4 == 0:
            _give(city, dice)
        if tick % 25 == 0:
            _pass_on(city, dice)
        if tick % 40 == 0:
            _ask_outside(city, dice)
    except Refused:
        return  # the city's other life was faster


def _give(city: CityFacts, dice: Random) -> None:
    """A head orders a crew to a case that has none."""
    if Order.objects.filter(city_id=city.id, state__in=LIVE).count() >= MOST_LIVE:
        return
    waiting = fetch_all(WAITING, [city.id, 20])
    if not waiting:
        return
    report, agency = dice.choice(waiting)
    head = _member(city, agency, Role.HEAD)
    crews = [crew.id for crew in Crew.objects.filter(city_id=city.id, agency_id=agency).order_by("id")]
    taken = Counter(Order.objects.filter(city_id=city.id, state__in=LIVE).values_list("crew_id", flat=True))
    if head and crews:
        freest = min(crews, key=lambda crew: taken[crew])
        actions.make_order(city=city, report_id=report, by=head, crew=freest, words=dice.choice(TASKS))


def _advance(city: CityFacts, dice: Random) -> None:
    """One live order goes a step on, mostly forward."""
    found = list(Order.objects.filter(city_id=city.id, state__in=LIVE).order_by("updated_at", "id")[:6])
    if not found:
        return
    order = dice.choice(found)
    head, officer = _member(city, order.agency_id, Role.HEAD), _officer(city, order)
    if head is None or officer is None:
        return
    if order.state == "submitted":
        _judge(city, order, head, dice)
    elif order.state == "working":
        _work(city, order, officer, dice)
    elif order.state == "offered" and dice.random() < 0.06:
        reason = "Alat kami sedang dipakai di tempat lain."
        actions.move_order(city=city, order_id=order.id, verb="decline", by=officer, reason=reason)
    elif verb := STEPS.get(order.state):
        actions.move_order(city=city, order_id=order.id, verb=verb, by=officer)


def _officer(city: CityFacts, order: Order) -> Membership | None:
    people = CrewMember.objects.filter(city_id=city.id, crew_id=order.crew_id or 0).values_list("user_id", flat=True)
    found = Membership.objects.filter(city_id=city.id, user_id__in=people, active=True).select_related("user")
    return found.order_by("id").first() or _member(city, order.agency_id, Role.OFFICER)


def _work(city: CityFacts, order: Order, officer: Membership, dice: Random) -> None:
    """The work is handed in with a drawing of the finished street, or waits for better weather."""
    if dice.random() < 0.08:
        until = now() + timedelta(days=1)
        words_ = "Hujan deras, pekerjaan dilanjutkan besok."
        actions.move_order(city=city, order_id=order.id, verb="hold", by=officer, reason=words_, until=until)
        return
    owner = UUID(int=dice.getrandbits(128), version=4)
    photo = store_photos(city.id, owner, [picture(dice.randrange(12), fixed=True)])
    done = dice.choice(words.DONE)
    actions.move_order(city=city, order_id=order.id, verb="submit", by=officer, words=done, photo=photo)


PHOTOS = "SELECT uuid, width, height, taken_at FROM reports_photo WHERE city_id = %s AND uuid = ANY(%s)"


def _judge(city: CityFacts, order: Order, head: Membership, dice: Random) -> None:
    """Mostly approved; then the head resolves the report with what the crew brought."""
    if dice.random() < 0.1:
        reason = "Foto belum memperlihatkan hasil pekerjaan."
        actions.move_order(city=city, order_id=order.id, verb="return", by=head, reason=reason)
        return
    actions.move_order(city=city, order_id=order.id, verb="approve", by=head)
    if not actions.open_orders(city, order.report_id):
        photos = [StoredPhoto(*row) for row in fetch_all(PHOTOS, [city.id, actions.handed_in(city, order)])]
        move(city=city, report_id=order.report_id, verb="resolve", by=By(head), words=order.done_words, photo=photos)


def _pass_on(city: CityFacts, dice: Random) -> None:
    """An open hand-over is answered; without one a head asks another agency."""
    asked = HandOver.objects.filter(city_id=city.id, state=HandOver.State.ASKED).order_by("id").first()
    if asked is None:
        waiting = fetch_all(WAITING, [city.id, 20])
        if waiting:
            report, agency = dice.choice(waiting)
            _ask(city, report, agency, dice)
        return
    head = _member(city, asked.to_agency_id, Role.HEAD)
    if head:
        accept = dice.random() < 0.6
        said = "Baik, kami tangani." if accept else "Bukan kewenangan kami."
        actions.answer_hand_over(city=city, number=asked.id, by=head, accept=accept, words=said)


def _ask(city: CityFacts, report: int, agency: int, dice: Random) -> None:
    head = _member(city, agency, Role.HEAD)
    others = [one.id for one in city.open_agencies if one.id != agency]
    if head and others:
        to = dice.choice(others)
        actions.ask_hand_over(city=city, report_id=report, by=head, agency=to, reason=words.REROUTED, uuid=uuid7())


def _ask_outside(city: CityFacts, dice: Random) -> None:
    """An authority outside is asked, or answers."""
    waiting = OutsideAsk.objects.filter(city_id=city.id, state__in=OutsideAsk.WAITING).order_by("id").first()
    if waiting is not None:
        verb = "accepted" if waiting.state == OutsideAsk.State.ASKED else "done"
        said = "" if verb == "accepted" else "Sudah kami perbaiki di lapangan."
        actions.answer_outside(city=city, ask=waiting, verb=verb, words=said)
        return
    sql = """SELECT id, agency_id FROM reports_report WHERE city_id = %s AND NOT private AND agency_id IS NOT NULL
        AND status IN ('accepted', 'in_progress') ORDER BY created_at DESC LIMIT 10"""
    found, known = fetch_all(sql, [city.id]), [one for one in city.outside.values() if one.active]
    if found and known:
        report, agency = dice.choice(found)
        head = _member(city, agency, Role.HEAD)
        if head:
            outside = dice.choice(known).id
            asks = "Mohon diperiksa dan ditangani; warga menunggu."
            actions.ask_outside(city=city, report_id=report, by=head, outside=outside, words=asks)
