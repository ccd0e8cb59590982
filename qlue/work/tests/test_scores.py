"""Scorecards: who sees which, what is counted and what not, objections and answers."""

import csv
import io
from math import exp
from uuid import uuid4

import pytest
from msgspec.structs import replace

from qlue.kit.db import every_city, execute, fetch_all, fetch_value, in_city
from qlue.reports.actions import Actor, transition
from qlue.reports.tests.making import PROOF
from qlue.work.actions import rebuild_scores, refresh_scores
from qlue.work.models import Crew, Objection
from qlue.work.queries.scorecards import scorecard_table, scorecards, total_card
from qlue.work.tests.conftest import number


@pytest.fixture
def worked(case, member, makassar):
    """A finished case of DLH, counted; `how` changes its columns."""

    def make(who="", until="resolve", **how):
        code, officer = case(), member("officer", "dlh", who)
        given = {"words": "Sudah diangkut", "photo": PROOF}
        for verb, more in (("accept", {}), ("start", {}), ("resolve", given)):
            transition(city=makassar, report_id=number(code), verb=verb, actor=Actor(officer), uuid=uuid4(), **more)
            if verb == until:
                break
        for column, value in how.items():
            execute(f"UPDATE reports_report SET {column} = {value} WHERE id = %s", [number(code)])  # noqa: S608
        refresh_scores([number(code)])
        return number(code)

    return make


def agency_card(city, agency="dlh"):
    return next(one for one in scorecards(city, "agency", 90) if one.key == city.agency(agency).id)


def test_an_agencys_card(worked, makassar):
    for _ in range(3):
        worked()
    worked(until="accept", due_at="now() - interval '1 hour'")
    late = worked(resolved_at="now()", due_at="now() - interval '1 day'")
    found = agency_card(makassar)
    assert (found.n, found.answered.k, found.backlog) == (5, 5, 1)
    assert (found.in_time.k, found.in_time.n) == (3, 5)
    assert (found.rank, found.reopened.n) == (None, 4)
    assert late


def test_staff_made_and_merged_ones_do_not_count_and_leave_again(worked, makassar):
    first, other = worked(), worked()
    worked(staff_made="true")
    assert agency_card(makassar).n == 2
    execute("UPDATE reports_report SET status = 'merged', merged_into_id = %s WHERE id = %s", [first, other])
    refresh_scores([other])
    assert agency_card(makassar).n == 1


def test_disputed_and_sent_back_are_counted_apart(worked, makassar, member):
    disputed, returned, _good = worked(), worked(), worked()
    transition(city=makassar, report_id=disputed, verb="dispute", actor=Actor(reporter=True), words="Belum selesai")
    transition(
        city=makassar, report_id=returned, verb="send_back", actor=Actor(member("head", "dlh")), words="Kurang bersih"
    )
    refresh_scores([disputed, returned])
    found = agency_card(makassar)
    assert (found.reopened.k, found.disputed.k, found.disputed.n) == (2, 1, 3)


def test_a_person_is_who_resolved_it_and_a_crew_whose_order_it_was(worked, makassar, member):
    done = worked("budi")
    worked("sari")
    crew = Crew.objects.create(city_id=makassar.id, agency_id=makassar.agency("dlh").id, name="Regu 1", lon=1, lat=1)
    execute(
        "INSERT INTO work_order (city_id, report_id, agency_id, crew_id, number, state, words, created_at, updated_at)"
        " SELECT city_id, id, agency_id, %s, 1, 'approved', '', now(), now() FROM reports_report WHERE id = %s",
        [crew.id, done],
    )
    refresh_scores([done])
    assert {one.name: one.n for one in scorecards(makassar, "person", 90)} == {"budi": 1, "sari": 1}
    assert [(one.name, one.n) for one in scorecards(makassar, "crew", 90)] == [("Regu 1", 1)]


def test_kelurahan_add_up_to_their_kecamatan(worked, makassar):
    worked(), worked()
    kelurahan, kecamatan = scorecards(makassar, "area", 90), scorecards(makassar, "kecamatan", 90)
    assert sum(one.n for one in kelurahan) == sum(one.n for one in kecamatan) == 2
    assert makassar.areas[kecamatan[0].key].level == "kecamatan"


def test_few_cases_give_no_rank_and_many_do(worked, makassar):
    auto = makassar.auto
    vars(makassar)["auto"] = replace(auto, score_least=2)
    try:
        worked()
        assert agency_card(makassar).rank is None
        worked()
        assert agency_card(makassar).rank == 1
    finally:
        vars(makassar)["auto"] = auto


def test_rows_made_anew_are_the_same(worked, makassar):
    worked(), worked(until="accept")
    columns = "report_id, agency, person, answer, resolve, in_time, open, ever, disputed, returned"
    before = fetch_all(f"SELECT {columns} FROM work_score ORDER BY 1")  # noqa: S608
    with every_city():
        assert rebuild_scores() == fetch_value("SELECT count(*) FROM work_score")
    with in_city(makassar.id):
        assert fetch_all(f"SELECT {columns} FROM work_score ORDER BY 1") == before  # noqa: S608


def test_heads_see_their_people_and_nobody_elses(worked, signed_in):
    worked("budi")
    page = "/makassar/kerja/rapor/?lihat=person"
    assert "budi" in signed_in("head", "dlh").get(page).content.decode()
    assert "budi" not in signed_in("head", "pu").get(page).content.decode()
    assert "budi" not in signed_in("operator").get(page).content.decode()
    assert signed_in("officer", "dlh").get(page).status_code == 403
    for dim in ("agency", "crew", "kecamatan", "area", "x"):
        assert signed_in("mayor").get(f"/makassar/kerja/rapor/?lihat={dim}&periode=7e9").status_code == 200


def test_everybody_sees_their_own_card(worked, signed_in):
    worked("budi")
    assert "Kartu saya" in signed_in("officer", "dlh", "budi").get("/makassar/kerja/rapor/saya/").content.decode()
    assert "Belum ada kasus" in signed_in("officer", "pu").get("/makassar/kerja/rapor/saya/").content.decode()


def test_the_table_as_a_file_runs_no_formula(worked, signed_in, member):
    worked("budi")
    execute("UPDATE people_user SET first_name = '=cmd()' WHERE username = 'budi'")
    answer = signed_in("head", "dlh").get("/makassar/kerja/rapor/rapor.csv?lihat=person&periode=30")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text)))
    assert table[0]["name"] == "'=cmd()"
    assert (table[0]["cases"], table[0]["in_time_n"], table[0]["rank"]) == ("1", "1", "")


def test_an_objection_keeps_the_numbers_and_gets_one_answer(worked, signed_in):
    worked("budi")
    budi, head = signed_in("officer", "dlh", "budi"), signed_in("head", "dlh")
    assert budi.post("/makassar/kerja/rapor/keberatan/", {"words": "x"}).status_code == 422
    budi.post("/makassar/kerja/rapor/keberatan/", {"words": "Saya sakit dua minggu", "periode": "30"})
    said = Objection.objects.get()
    assert (said.card, said.numbers["n"], said.period) == ("person", 1, "30")
    assert "Saya sakit" in head.get("/makassar/kerja/rapor/").content.decode()
    assert "Saya sakit" not in signed_in("head", "pu").get("/makassar/kerja/rapor/").content.decode()
    address = f"/makassar/kerja/rapor/keberatan/{said.id}/"
    assert signed_in("head", "pu").post(address, {"words": "Baik, dicatat"}).status_code == 403
    head.post(address, {"words": "Baik, dicatat"})
    head.post(address, {"words": "Ternyata tidak"})
    said.refresh_from_db()
    assert said.answer == "Baik, dicatat"
    assert "Baik, dicatat" in budi.get("/makassar/kerja/rapor/saya/").content.decode()


def test_an_agencys_objection_is_answered_by_the_city_not_by_its_head(worked, signed_in):
    worked()
    head = signed_in("head", "dlh")
    head.post("/makassar/kerja/rapor/keberatan/", {"card": "agency", "words": "Alat kami rusak sebulan"})
    said = Objection.objects.get()
    address = f"/makassar/kerja/rapor/keberatan/{said.id}/"
    assert head.post(address, {"words": "Sudah betul begitu"}).status_code == 403
    signed_in("operator").post(address, {"words": "Dicatat, terima kasih"})
    said.refresh_from_db()
    assert said.answer
    officer = signed_in("officer", "dlh")
    officer.post("/makassar/kerja/rapor/keberatan/", {"card": "agency", "words": "Bukan salah kami"})
    assert Objection.objects.count() == 1


MADE = """
INSERT INTO work_score (city_id, report_id, agency, area, created_at, due_at, answer, resolve, in_time, open, ever,
    disputed, returned)
SELECT %s, -n, nullif((%s::bigint[])[1 + n %% 4], 0), (%s::bigint[])[1 + n %% 7], now() - n * interval '301 minutes',
    now() - n * interval '3 hours', nullif(n %% 50, 3), CASE WHEN n %% 3 > 0 THEN n * 7 %% 90 + 200 END,
    CASE WHEN n %% 3 > 0 THEN n %% 4 > 0 END, n %% 3 = 0, n %% 3 > 0, n %% 5 / 4, n %% 11 / 10
FROM generate_series(1, 600) n
"""


def test_the_table_counts_what_the_rows_say_and_all_together_is_the_same_everywhere(makassar):
    agencies, areas = [*list(makassar.agencies)[:3], 0], [key for key, a in makassar.areas.items() if a.parent_id][:7]
    execute(MADE, [makassar.id, agencies, areas])
    found = {dim: scorecard_table(makassar, dim, 90) for dim in ("agency", "crew", "person", "area", "kecamatan")}
    assert len({repr(whole) for _cards, whole in found.values()}) == 1
    assert repr(found["area"][1]) == repr(total_card(makassar, 90))
    for card in [*found["agency"][0], *found["area"][0]]:
        which = "agency" if card.key in agencies else "area"
        of = f"FROM work_score WHERE {which} = {card.key}"
        period = f"{of} AND created_at >= now() - interval '90 days'"
        assert card.n == fetch_value(f"SELECT count(*) {period}")
        assert card.backlog == fetch_value(f"SELECT count(*) {of} AND open")
        assert card.age_days == fetch_value(
            "SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY round(extract(epoch FROM now() - created_at) / 86400))"
            f" {of} AND open"
        )
        for span, column, part in ((card.answer_median, "answer", 0.5), (card.resolve_p90, "resolve", 0.9)):
            bucket = fetch_value(f"SELECT percentile_disc({part}) WITHIN GROUP (ORDER BY {column}) {period}")
            assert span.value == (exp(bucket / 12) - 1) / 60
            assert span.n == fetch_value(f"SELECT count({column}) {period}")
