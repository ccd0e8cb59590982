"""The pages of work orders and of passing on, as people use them."""

import pytest
from django.test import Client

from qlue.kit.db import enter_city, execute, fetch_value
from qlue.people.rights import may
from qlue.work.actions import create_order, refer_external, referral_token, request_transfer, transition_order
from qlue.work.models import ExternalReferral, Order, Transfer
from qlue.work.states import ORDER_TRANSITIONS
from qlue.work.tests.conftest import number, picture


@pytest.fixture
def order(makassar, member, case):
    def make(state="in_progress", **given):
        by = given.pop("by", None) or member("head", "dlh")
        return create_order(city=makassar, report_id=number(case(state)), actor=by, **given)

    return make


def address(made, verb=""):
    return f"/makassar/kerja/perintah/{made.id}/" + (f"{verb}/" if verb else "")


def jpeg(name="bukti.jpg"):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, picture(), "image/jpeg")


def test_a_head_gives_an_order_from_the_case(signed_in, member, case, makassar):
    client, code, who = signed_in("head", "dlh"), case(), member("officer", "dlh")
    assert f"/makassar/kerja/perintah/baru/{code}/" in client.get(f"/makassar/kerja/{code}/").content.decode()
    form = client.get(f"/makassar/kerja/perintah/baru/{code}/")
    assert form.status_code == 200
    data = {"who": f"person:{who.user_id}", "task": "Bawa truk kecil", "agency": "dlh"}
    answer = client.post(f"/makassar/kerja/perintah/baru/{code}/", data)
    made = Order.objects.get()
    assert answer["Location"] == address(made)
    assert (made.person_id, made.words, made.state) == (who.user_id, "Bawa truk kecil", "offered")
    assert "Bawa truk kecil" in client.get(f"/makassar/kerja/{code}/").content.decode()
    assert client.post(f"/makassar/kerja/perintah/baru/{code}/", data | {"who": "crew:999"}).status_code == 422
    assert signed_in("officer", "dlh").get(f"/makassar/kerja/perintah/baru/{code}/").status_code == 403
    assert signed_in("head", "pu").get(f"/makassar/kerja/perintah/baru/{code}/").status_code == 403


@pytest.mark.parametrize("state", ["offered", "working", "submitted", "approved", "cancelled"])
def test_the_page_offers_exactly_what_can_be_done(signed_in, member, order, state, makassar):
    made, dlh = order(), makassar.agency("dlh").id
    Order.objects.filter(id=made.id).update(state=state)
    rights = {"crew": "work_in_field", "lead": "lead_crews", "review": "review_proof"}
    for role, agency in (("officer", "dlh"), ("head", "dlh"), ("mayor", "")):
        page = signed_in(role, agency).get(address(made)).content.decode()
        offered = {verb for verb in ORDER_TRANSITIONS if f"{address(made, verb)}" in page}
        who = member(role, agency)
        assert offered == {
            verb
            for verb, what in ORDER_TRANSITIONS.items()
            if state in what.sources and may(who, rights[what.permission], dlh)
        }


def test_a_crew_works_through_its_order_by_the_page(signed_in, order):
    made, client = order(), signed_in("officer", "dlh")
    for verb in ("accept", "set_out", "arrive", "begin"):
        assert client.post(address(made, verb)).status_code == 302
    assert client.post(address(made, "submit"), {"words": "Sudah bersih"}).status_code == 422  # without a photo
    data = {"words": "Sudah diangkut semua", "photos": [jpeg()]}
    assert client.post(address(made, "submit"), data).status_code == 302
    assert "Sudah diangkut semua" in client.get(address(made)).content.decode()
    assert client.post(address(made, "accept")).status_code == 409
    assert client.post(address(made, "approve")).status_code == 403
    assert signed_in("head", "dlh").post(address(made, "approve")).status_code == 302


def test_piles_hold_the_orders_of_the_own_agency_and_of_own_reports(signed_in, order, makassar):
    mine, joint = order(task="Angkut sampah"), order(task="Bersihkan saluran", agency=makassar.agency("pu").id)
    head, helper, stranger = signed_in("head", "dlh"), signed_in("head", "pu"), signed_in("head", "dishub")
    page = head.get("/makassar/kerja/perintah/").content.decode()
    assert "Angkut sampah" in page
    assert "Bersihkan saluran" in page
    page = helper.get("/makassar/kerja/perintah/").content.decode()
    assert "Angkut sampah" not in page
    assert "Bersihkan saluran" in page
    assert "Bersihkan" not in stranger.get("/makassar/kerja/perintah/").content.decode()
    assert helper.get(address(joint)).status_code == 200
    assert helper.get(address(mine)).status_code == 403
    assert stranger.get(address(joint)).status_code == 403
    assert head.get(address(mine).replace(str(mine.id), "999999999")).status_code == 404
    for odd in ("?tumpukan=zzz", "?hal=-1", "?hal=99", "?hal=99999999999"):
        assert head.get(f"/makassar/kerja/perintah/{odd}").status_code == 200


def test_a_case_with_open_orders_cannot_be_resolved_yet(signed_in, case, makassar, member):
    client, code = signed_in("head", "dlh"), case("in_progress")
    made = create_order(city=makassar, report_id=number(code), actor=member("head", "dlh"))
    data = {"words": "Sudah selesai semuanya", "photos": [jpeg()]}
    answer = client.post(f"/makassar/kerja/{code}/resolve/", data)
    assert answer.status_code == 422
    assert "1 perintah kerja masih terbuka" in answer.content.decode()
    transition_order(city=makassar, order_id=made.id, verb="cancel", actor=member("head", "dlh"), reason="Ganda")
    data = {"words": "Sudah selesai semuanya", "photos": [jpeg()]}
    assert client.post(f"/makassar/kerja/{code}/resolve/", data).status_code == 302


def test_the_head_resolves_with_what_the_crew_brought_and_was_approved(signed_in, case, makassar, member):
    crew, head, code = signed_in("officer", "dlh"), signed_in("head", "dlh"), case("in_progress")
    made = create_order(city=makassar, report_id=number(code), actor=member("head", "dlh"))
    for verb in ("accept", "begin"):
        crew.post(address(made, verb))
    crew.post(address(made, "submit"), {"words": "Sudah diangkut semua", "photos": [jpeg()]})
    assert 'name="kept" value="' not in head.get(f"/makassar/kerja/{code}/").content.decode()
    head.post(address(made, "approve"))
    page = head.get(f"/makassar/kerja/{code}/").content.decode()
    kept = page.split('name="kept" value="')[1].split('"')[0]
    uuid = page.split('id="langkah-resolve"')[1].split('name="uuid" value="')[1].split('"')[0]
    data = {"uuid": uuid, "kept": kept, "words": "Sudah bersih kembali"}
    assert head.post(f"/makassar/kerja/{code}/resolve/", data).status_code == 302
    assert fetch_value("SELECT status FROM reports_report WHERE id = %s", [number(code)]) == "resolved"
    assert fetch_value("SELECT count(*) FROM work_proof WHERE order_id IS NULL") == 0  # judged once is enough
    assert fetch_value("SELECT count(*) FROM reports_photo WHERE report_id = %s", [number(code)]) == 1


def test_absurd_numbers_in_addresses_are_not_found(signed_in, case):
    client, huge = signed_in("operator"), "9" * 30
    for path in (f"perintah/{huge}/", f"regu/{huge}/", f"pelimpahan/{huge}/"):
        assert client.get(f"/makassar/kerja/{path}").status_code in (404, 405)
    assert client.post(f"/makassar/kerja/perintah/{huge}/accept/").status_code == 404


def test_a_hand_over_is_asked_refused_and_decided_by_the_pages(signed_in, case, member, makassar):
    head, pu, operator, code = signed_in("head", "dlh"), signed_in("head", "pu"), signed_in("operator"), case()
    assert f"/pelimpahan/baru/{code}/" in head.get(f"/makassar/kerja/{code}/").content.decode()
    base = "/makassar/kerja/pelimpahan/"
    for _ in range(2):
        assert head.post(f"{base}baru/{code}/", {"agency": "pu", "reason": "Ini drainase"}).status_code == 302
        asked = Transfer.objects.latest("id")
        assert "Ini drainase" in pu.get(f"{base}{asked.id}/").content.decode()
        assert pu.get(f"/makassar/kerja/{code}/").status_code == 403  # not theirs yet
        assert pu.post(f"{base}{asked.id}/refuse/", {"words": ""}).status_code == 422
        assert pu.post(f"{base}{asked.id}/refuse/", {"words": "Bukan kami"}).status_code == 302
    assert head.post(f"{base}{asked.id}/decide/", {"agency": "pu", "words": "Ya"}).status_code == 302
    assert Transfer.objects.get(id=asked.id).state == "arbitration"
    assert operator.post(f"{base}{asked.id}/decide/", {"agency": "pu", "words": "Drainase milik PU"}).status_code == 302
    page = pu.get(f"/makassar/kerja/{code}/").content.decode()
    assert "Siapa saja yang memegangnya" in page
    assert signed_in("officer", "dishub").get(f"{base}{asked.id}/").status_code == 403
    assert head.get(base).status_code == operator.get(base).status_code == 200


@pytest.fixture
def link(makassar, member, case):
    """A question to PLN and the address that it is answered by."""

    def make(**columns):
        code = case("in_progress", words="Kabel menjuntai di depan sekolah", **columns)
        pln = next(one for one in makassar.authorities.values() if one.slug == "pln")
        head = member("head", "dlh")
        ask = refer_external(
            city=makassar, report_id=number(code), actor=head, authority_id=pln.id, message="Mohon dirapikan"
        )
        assert ask
        return code, ask, f"/makassar/otoritas/{ask.uuid}/{referral_token(makassar, ask.uuid, ask.turn)}/"

    return make


def test_an_authority_answers_without_an_account_and_looking_uses_nothing_up(link, case):
    code, ask, url = link(name="Ibu Sitti", email="sitti@example.org")
    outsider = Client()
    for _ in range(5):  # people, mail scanners, previews
        page = outsider.get(url)
        assert page.status_code == 200
        assert outsider.head(url).status_code == 200
    words = page.content.decode()
    assert "Mohon dirapikan" in words
    assert "Sitti" not in words
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]
    ask.refresh_from_db()
    assert ask.state == "asked"
    assert ask.opened_at
    assert outsider.post(url, {"answer": "done", "words": ""}).status_code == 422
    assert outsider.post(url, {"answer": "accepted"}).status_code == 303
    assert outsider.post(url, {"answer": "done", "words": "Kabel sudah diikat", "photos": [jpeg()]}).status_code == 303
    assert "Kabel sudah diikat" not in outsider.get(url).content.decode()
    assert outsider.post(url, {"answer": "not_ours", "words": "Ganti"}).status_code == 410
    ask.refresh_from_db()
    assert (ask.state, len(ask.photos)) == ("done", 1)
    assert fetch_value("SELECT status FROM reports_report WHERE id = %s", [number(code)]) == "in_progress"


def test_wrong_links_lead_nowhere_and_guessing_is_slowed(link, settings, makassar):
    settings.RATE_LIMITS = True
    _code, ask, url = link()
    outsider = Client()
    wrong = url.replace(url.split("/")[-2], "0" * 32)
    answers = [outsider.get(wrong).status_code for _ in range(32)]
    assert set(answers) == {404, 429}
    assert Client().get("/makassar/otoritas/not-a-uuid/x/").status_code == 404
    assert outsider.get(url.replace("/makassar/", "/tomohon/")).status_code in (404, 429)
    enter_city(makassar.id)
    execute("UPDATE reports_report SET private = true")
    assert Client(REMOTE_ADDR="10.0.0.9").get(url).status_code == 404
    assert ExternalReferral.objects.get(id=ask.id).state == "asked"


def test_the_link_stands_only_on_the_pages_of_those_who_may_ask(signed_in, link):
    code, ask, url = link()
    assert url in signed_in("head", "dlh").get(f"/makassar/kerja/{code}/").content.decode()
    page = signed_in("officer", "dlh").get(f"/makassar/kerja/{code}/").content.decode()
    assert url not in page
    assert signed_in("officer", "dlh").post(f"/makassar/kerja/pelimpahan/tautan/{ask.id}/renew/").status_code == 403
    assert signed_in("head", "dlh").post(f"/makassar/kerja/pelimpahan/tautan/{ask.id}/renew/").status_code == 302
    assert Client().get(url).status_code == 404


def test_strangers_are_sent_to_sign_in(client, makassar):
    for path in ("perintah/", "perintah/1/", "pelimpahan/", "pelimpahan/1/"):
        assert client.get(f"/makassar/kerja/{path}")["Location"].startswith("/akun/masuk/")


def test_a_question_about_a_private_report_shows_its_words_to_nobody_else(signed_in, case, member, makassar):
    code = case(words="Keluarga kami kekurangan", private=True)
    pu = signed_in("head", "pu")
    agency = makassar.agency("pu").id
    request_transfer(
        city=makassar, report_id=number(code), actor=member("head", "dlh"), agency=agency, reason="Milik PU"
    )
    asked = Transfer.objects.get()
    page = pu.get(f"/makassar/kerja/pelimpahan/{asked.id}/").content.decode()
    assert "Milik PU" in page
    assert "kekurangan" not in page
