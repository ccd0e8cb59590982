"""Every address of the product, and who may come in: this walks all of them as everybody.

`DOORS` says it once. A new address that nobody has put there fails the first test: say who may open it.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from qlue.cities.facts import CityFacts
from qlue.kit.clock import now
from qlue.kit.db import enter_city, every_city, fetch_all, fetch_value, in_city
from qlue.kit.ids import report_id, uuid7
from qlue.people.actions import add_user
from qlue.people.models import Membership
from qlue.people.rights import RIGHTS, VERBS
from qlue.reports.actions import Submission, submit
from qlue.reports.states import TRANSITIONS
from qlue.work.actions import add_leave, create_order, refer_external, request_transfer, save_crew
from qlue.work.actions.crews import CrewInput
from qlue.work.models import Objection, Proof
from qlue.work.states import ORDER_TRANSITIONS

EVERYBODY, BY_SECRET, ACCOUNT = "everybody", "who holds the secret", "who signs in"
DOORS: dict[str, str] = {
    EVERYBODY: (
        "openapi-json api-root cities categories agencies areas list_reports submit_report one_report report-new"
        " report-aid report-categories report-list report-json report-rss report-atom report-map photo report"
        " report-support health ready manifest service-worker outbox-pass security-txt robots favicon city-look"
        " set_language open311-discovery open311-services open311-definition open311-requests open311-request"
        " open311-token data-ask watch boundaries camera-traffic suggest indicators-export dataset-export dataset-layer"
        " dataset-areas national city dashboard dashboard-areas reports-export dashboard-tile"
        " dashboard-screen"
    ),
    BY_SECRET: (
        "report-follow report-personal push push-open watch-yes watch-stop mail-stop outside-answer webhook send"
        " brief-stop"
    ),
    ACCOUNT: (
        "profile account_login account_logout account_signup account_inactive account_reauthenticate"
        " account_change_password account_set_password account_reset_password account_reset_password_done"
        " account_reset_password_from_key_done account_reset_password_from_key"
    ),
    "manage_users": "members member-change member-password",
    "see_messages": "messages",
    "manage_messages": "message-lines message-line message-again",
    "handle_personal_data": "data-requests data-request-end",
    "answer_calls": "calls call-begin call-free call-report call-dispose",
    "see_queue": (
        "queue notices bell orders order order-move handovers handover handover-act case case-look case-move"
        " queue-hints case-hint desk-counts"
    ),
    "accept": "accept-many",
    "lead_crews": "dispatch dispatch-accept crews crew-new crew leave-new leave-drop order-new",
    "transfer": "handover-new",
    "refer_external": "outside-new outside-act",
    "work_in_field": "field field-order scorecard-own objection",
    "see_scorecards": "scorecards scorecards-csv objection-answer brief-mail",
    "dispatch": "alerts alert-reach alert-browser alert-take",
    "review_proof": "proofs proof-review",
    "see_cameras": "cameras camera-events camera-event-photo camera camera-snapshot camera-live camera-series",
    "manage_cameras": "camera-new camera-change camera-marks camera-switch",
    "judge_events": "camera-event",
    "see_things": "devices device-points device-layer device device-series alarms",
    "manage_things": "device-new device-import device-export device-kinds device-kind device-edit device-token",
    "handle_alarms": "device-command device-silence alarm-seen silence-end",
    "see_insight": "insight hotspot-layer insight-option insight-sites insight-library insight-models",
    "decide_policy": "insight-record insight-withdraw insight-act-new insight-act",
    "see_data": "datasets dataset",
    "manage_data": "dataset-upload dataset-draft dataset-describe dataset-remove dataset-hold",
    "see_dashboard_staff": "brief brief-pdf",
}
VERB_OF = {name: verb for verb, names in DOORS.items() for name in names.split()}
STAFF = sorted(name for name, verb in VERB_OF.items() if verb in VERBS)
SLUGS = {
    "size": "large",
    "disposition": "prank",
    "part": "photo",
    "row_kind": "photo",
    "verb": "accept",
    "kind": "kannel",
    "slug": "x",
}
NUMBERS = ("number", "order", "proof", "member_id", "camera_id", "event_id")
SECRET, PHONE = "sandi-rahasia-7f3", "081234567890"


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for part in resolver.url_patterns:
        yield from patterns(part) if isinstance(part, URLResolver) else [part]


ADDRESSES = {str(one.name): one for one in patterns(get_resolver()) if one.name}


def test_of_every_address_it_is_said_who_may_open_it() -> None:
    assert set(ADDRESSES) - set(VERB_OF) == set()
    assert set(VERB_OF) - set(ADDRESSES) == set()


# Forms without a CSRF token: programs and providers, and residents without a session, whom nobody needs to forge. The
# report form looks at its token itself, so that an old one costs nobody what was typed.
WITHOUT_TOKEN = (
    "cities categories agencies areas list_reports submit_report one_report report-new report-aid report-json"
    " report-support suggest watch open311-discovery open311-services open311-definition open311-requests"
    " open311-request open311-token alert-browser"
)


def test_every_other_form_needs_its_token() -> None:
    exempt = {name for name, one in ADDRESSES.items() if getattr(one.callback, "csrf_exempt", False)}
    assert exempt == {*WITHOUT_TOKEN.split(), *DOORS[BY_SECRET].split()}


def test_no_staff_door_takes_a_form_without_its_token(makassar: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person(makassar, "admin").user)
    for name in {*STAFF} - {*WITHOUT_TOKEN.split()}:
        answer = client.post(address(name, "makassar"), {})
        assert answer.status_code == 403, name


def address(name: str, city: str, **known: Any) -> str:
    """The address with what is known of it; all else is something that does not exist."""
    wanted = ADDRESSES[name].pattern.converters
    usual = dict.fromkeys(NUMBERS, 1) | SLUGS | {"code": "MKS-0000000", "key": "x"}
    return reverse(name, kwargs={key: (usual | known | {"city_slug": city})[key] for key in wanted})


def browser(member: Membership | None) -> Client:
    client = Client()
    if member:
        client.force_login(member.user)
    return client


def person(city: CityFacts, role: str, agency: str = "", name: str = "") -> Membership:
    known = f"{name or role}.{agency or 'kota'}.{city.slug}"
    return add_user(city=city, username=known, role=role, agency=agency, password="kata sandi untuk tes")  # noqa: S106


def is_shut(answer: Any) -> bool:
    if answer.status_code == 302:
        return str(answer["Location"]).startswith("/akun/masuk/") or answer["Location"] == "/makassar/kamera/"
    return answer.status_code in (403, 405)


def test_strangers_residents_and_people_of_another_city_open_no_staff_door(makassar: Any, tomohon: Any) -> None:
    with in_city(tomohon.id):
        administrator = person(tomohon, "admin")
    for client in (browser(None), browser(administrator)):
        for name in STAFF:
            path = address(name, "makassar")
            assert is_shut(client.get(path)), f"GET {path}"
            assert is_shut(client.post(path, {})), f"POST {path}"


@pytest.mark.parametrize(
    ("role", "agency"), [("officer", "dlh"), ("head", "dlh"), ("operator", ""), ("mayor", ""), ("admin", "")]
)
def test_a_role_opens_exactly_the_doors_of_its_rights(makassar: Any, role: str, agency: str) -> None:
    client = browser(person(makassar, role, agency))
    for name in STAFF:
        path, right = address(name, "makassar"), VERB_OF[name] in RIGHTS[role]
        answers = [client.get(path)] if name == "camera-live" else [client.get(path), client.post(path, {})]
        for answer in answers:
            assert answer.status_code < 500, path
            if not right:
                assert is_shut(answer), f"{role} {path}"
        if right and answers[0].status_code == 403:  # a page that asks for one right more
            assert name in ("camera-snapshot", "insight-option"), f"{role} {path}"


# What belongs to one agency


@pytest.fixture
def dlh(makassar: CityFacts) -> dict[str, Any]:
    """A private report of DLH with everything that can hang on it, by the names of the addresses' parts."""
    enter_city(makassar.id)
    head, officer = person(makassar, "head", "dlh"), person(makassar, "officer", "dlh")
    category = makassar.category("sampah")
    assert category
    place: dict[str, Any] = {"lon": makassar.lon, "lat": makassar.lat}
    given = Submission(uuid7(), category.id, SECRET, **place, private=True, name="Ibu Sari", phone=PHONE)
    private = submit(city=makassar, submission=given)
    plain = submit(city=makassar, submission=Submission(uuid7(), category.id, "Sampah menumpuk", **place))
    order = create_order(city=makassar, report_id=private.id, actor=head, task=SECRET)
    dishub = makassar.agency("dishub")
    assert dishub
    asked = request_transfer(city=makassar, report_id=private.id, actor=head, agency=dishub.id, reason=SECRET)
    outside = next(iter(makassar.authorities.values()))
    question = refer_external(city=makassar, report_id=plain.id, actor=head, authority_id=outside.id, message=SECRET)
    wanted = CrewInput("Regu DLH", (), makassar.lon, makassar.lat, 4, [officer.user_id], ())
    crew = save_crew(city=makassar, actor=head, agency=head.agency_id or 0, crew_input=wanted)
    today = now().date()
    leave = add_leave(city=makassar, actor=head, user=officer.user_id, first=today, last=today, kind="leave")
    proof = Proof.objects.create(
        city_id=makassar.id, report_id=private.id, user_id=officer.user_id, uuid=uuid7(), words=SECRET, state="open",
        created_at=now(), flags=["place"],
    )  # fmt: skip
    objection = Objection.objects.create(
        city_id=makassar.id, user_id=officer.user_id, agency_id=officer.agency_id, card="person", key=officer.user_id,
        period="90", numbers={}, words=SECRET, created_at=now(),
    )  # fmt: skip
    assert asked
    assert question
    numbers = {"order": order.id, "handover": asked.id, "outside": question.id, "crew": crew.id, "leave": leave.id}
    return numbers | {
        "code": private.code, "plain": plain.code, "proof": proof.id, "objection": objection.id,
        "officer": officer.user_id, "member": officer.pk,
    }  # fmt: skip


def attempts(city: str, its: dict[str, Any]) -> Iterator[str]:
    """Every address that names something of the agency, with every verb."""
    for code in (its["code"], its["plain"]):
        yield from (address(name, city, code=code) for name in ("case", "order-new", "handover-new", "outside-new"))
        yield from (address("case-move", city, code=code, verb=verb) for verb in TRANSITIONS)
        yield from (address("case-look", city, code=code, part=part) for part in ("reporter", "photo"))
        yield address("case-hint", city, code=code)
    for verb in ORDER_TRANSITIONS:
        yield address("order-move", city, number=its["order"], verb=verb)
        yield address("field-order", city, order=its["order"], verb=verb)
    yield address("order", city, number=its["order"])
    yield address("handover", city, number=its["handover"])
    for verb in ("take", "refuse", "decide", "withdraw"):
        yield address("handover-act", city, number=its["handover"], verb=verb)
    for verb in ("renew", "withdraw"):
        yield address("outside-act", city, number=its["outside"], verb=verb)
    yield address("crew", city, number=its["crew"])
    yield address("leave-drop", city, number=its["leave"])
    yield address("leave-new", city)
    yield address("proof-review", city, proof=its["proof"])
    yield address("objection-answer", city, number=its["objection"])
    yield from (address(name, city) for name in ("dispatch-accept", "accept-many"))


def everything(its: dict[str, Any]) -> dict[str, Any]:
    """All that any of these forms may ask for."""
    tomorrow = (now() + timedelta(days=2)).date().isoformat()
    return {
        "uuid": str(uuid7()), "words": "Kata-kata yang cukup panjang", "reason": "Alasan yang cukup panjang",
        "why": "other", "until": tomorrow, "person": its["officer"], "agency": "dlh", "into": its["plain"],
        "who": f"crew:{its['crew']}", "task": "Kerjakan", "kind": "leave", "first": tomorrow, "last": tomorrow,
        "outside": "pln", "verdict": "good", "pairs": f"{its['code']}:{its['crew']},{its['plain']}:{its['crew']}",
        "code": [its["code"], its["plain"]], "name": "Regu curian", "people": [its["officer"]], "capacity": 3,
    }  # fmt: skip


TENANT_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'city_id'
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
    AND NOT a.attisdropped AND c.relname !~ '^(cities|atlas|dashboard|insight)_'
"""


def snapshot() -> dict[str, str]:
    """What every tenant table holds, as one hash each."""
    with every_city():
        return {
            name: fetch_value(f"SELECT md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) FROM {name} t")  # noqa: S608
            for (name,) in fetch_all(TENANT_TABLES)
        }


def assert_nothing_comes_of(client: Client, paths: list[str], given: Callable[[], dict[str, Any]]) -> None:
    before = snapshot()
    for path in paths:
        answers = [client.post(path, given(), headers={"referer": "http://testserver/"})]
        if not {*TRANSITIONS, *ORDER_TRANSITIONS} & set(path.split("/")):  # a verb is no page
            answers.append(client.get(path))
        for answer in answers:
            assert answer.status_code < 500, path
            assert SECRET not in answer.text, path
            assert PHONE not in answer.text, path
    after = snapshot()
    assert {name for name in before if before[name] != after[name]} == set()


@pytest.mark.parametrize("role", ["officer", "head"])
def test_another_agency_reads_and_changes_nothing(makassar: Any, dlh: dict[str, Any], role: str) -> None:
    stranger = browser(person(makassar, role, "pu"))
    assert_nothing_comes_of(stranger, list(attempts("makassar", dlh)), lambda: everything(dlh))


@pytest.mark.parametrize("role", ["head", "operator"])
def test_numbers_of_another_city_lead_nowhere_in_ones_own(
    makassar: Any, tomohon: Any, dlh: dict[str, Any], role: str
) -> None:
    with in_city(tomohon.id):
        stranger = browser(person(tomohon, role, "dlh" if role == "head" else ""))
    its = attempts("tomohon", dlh)
    others = [
        address("member-change", "tomohon", member_id=dlh["member"]),
        address("member-password", "tomohon", member_id=dlh["member"]),
        f"/tomohon/laporan/{dlh['code']}/",
        f"/tomohon/laporan/{dlh['code'].replace('MKS', 'TMH')}/",
        f"/tomohon/laporan/{dlh['plain']}/dukung/",
    ]
    given = everything(dlh) | {"password": "kata sandi curian", "role": "admin", "active": "1"}
    assert_nothing_comes_of(stranger, [*its, *others], lambda: given)


def test_ones_own_report_is_given_to_nobody_elses_people(makassar: Any, tomohon: Any, dlh: dict[str, Any]) -> None:
    """The head of PU puts DLH's crew, people and reports, and Tomohon's people and agency, into forms of PU's own."""
    head = person(makassar, "head", "pu")
    category = makassar.category("jalan-rusak")
    with in_city(tomohon.id):
        theirs = person(tomohon, "officer", "dlh")
    given = Submission(uuid7(), category.id, "Jalan berlubang", makassar.lon, makassar.lat)
    own = submit(city=makassar, submission=given)
    assert fetch_value("SELECT agency_id FROM reports_report WHERE id = %s", [own.id]) == head.agency_id
    client, before = browser(head), snapshot()
    usual = {"uuid": str(uuid7()), "words": "Cukup panjang", "reason": "Cukup panjang", "task": "Kerjakan"}
    tries = [
        ("case-move", {"verb": "assign"}, {"person": dlh["officer"]}),
        ("case-move", {"verb": "assign"}, {"person": theirs.user_id}),
        ("case-move", {"verb": "merge"}, {"into": dlh["code"]}),
        ("order-new", {}, {"who": f"crew:{dlh['crew']}"}),
        ("order-new", {}, {"who": f"person:{theirs.user_id}"}),
        ("order-new", {}, {"agency": "kecamatan-tomohon-utara"}),
        ("handover-new", {}, {"agency": "pupr"}),
        ("leave-new", {}, {"person": dlh["officer"], "kind": "leave", "first": "2027-01-01", "last": "2027-01-02"}),
        ("leave-new", {}, {"person": theirs.user_id, "kind": "leave", "first": "2027-01-01", "last": "2027-01-02"}),
        ("crew-new", {}, {"name": "Regu", "people": [dlh["officer"]], "capacity": 3, "area": makassar.kelurahan[0].id}),
        ("crew-new", {}, {"name": "Regu", "capacity": 3, "area": tomohon.kelurahan[0].id}),
        ("dispatch-accept", {}, {"pairs": f"{own.code}:{dlh['crew']}"}),
    ]
    for name, known, more in tries:
        answer = client.post(address(name, "makassar", code=own.code, **known), usual | more)
        assert answer.status_code in (302, 422), f"{name} {more}"
    after = snapshot()
    assert {name for name in before if before[name] != after[name]} == set()


def test_a_private_report_is_nowhere_in_public(makassar: Any, dlh: dict[str, Any]) -> None:
    number = report_id(dlh["code"])
    where = {"bbox": "119.0,-6.0,120.0,-4.0", "zoom": "20", "q": "sandi"}
    paths = [
        "/", "/makassar/", "/makassar/laporan/", "/makassar/laporan.json", "/makassar/laporan.rss",
        "/makassar/laporan.atom", "/makassar/peta.json", "/makassar/dasbor/", "/makassar/dasbor/unduh/",
        "/makassar/dasbor/wilayah.json", f"/makassar/laporan/{dlh['code']}/", "/api/v1/makassar/reports",
        f"/api/v1/makassar/reports/{dlh['code']}", "/open311/v2/requests.json?jurisdiction_id=makassar",
        f"/open311/v2/requests/{dlh['code']}.xml?jurisdiction_id=makassar",
        f"/open311/v2/tokens/{dlh['code']}.json?jurisdiction_id=makassar",
    ]  # fmt: skip
    client = Client()
    for path in paths:
        for asked in ({}, where):
            answer = client.get(path, asked if "?" not in path else None)
            body = b"".join(answer) if answer.streaming else answer.content
            for told in (SECRET, "Ibu Sari", PHONE):
                assert told.encode() not in body, path
    assert number
    given = {"words": SECRET, "category": "sampah", "lon": makassar.lon, "lat": makassar.lat}
    assert dlh["code"] not in client.post("/makassar/saran/", given).text
