"""Neighbours: "this is my report too", "it is not done", and what a merge does with their voices."""

import pytest
from django.test import Client

from qlue.reports.actions import Actor, add_support, transition
from qlue.reports.models import Report
from qlue.reports.tests.making import handed_in, officer, resolved
from qlue.work.actions import notify_of_events, report_events
from qlue.work.queries.notices import count_unseen_notices

pytestmark = pytest.mark.django_db


def say(code, client=None, **data):
    return (client or Client()).post(f"/makassar/laporan/{code}/dukung/", data)


def supporters(report):
    return Report.objects.get(pk=report.id).supporters


def test_each_device_counts_once(makassar):
    report, neighbour = handed_in(makassar), Client()
    for _ in range(3):
        answer = say(report.code, neighbour, said="too")
        assert (answer.status_code, answer["Location"]) == (303, f"/makassar/laporan/{report.code}/#dukungan")
    assert supporters(report) == 1
    say(report.code)
    assert supporters(report) == 2
    page = neighbour.get(f"/makassar/laporan/{report.code}/").content.decode()
    assert "2 warga juga melaporkan ini" in page or "2 warga" in page
    assert "Satu warga lagi" not in page


def test_a_private_unknown_or_foreign_report_has_no_supporters(makassar):
    for code in (handed_in(makassar, private=True).code, "MKS-ZZZZZZZ", "x"):
        assert say(code).status_code == 404


def test_a_merge_carries_voices_and_the_reporter(makassar):
    stays, goes = handed_in(makassar), handed_in(makassar)
    add_support(city=makassar, report_id=stays.id, device="a")
    for device in ("a", "b"):
        add_support(city=makassar, report_id=goes.id, device=device)
    transition(
        city=makassar, report_id=goes.id, verb="merge", actor=Actor(officer(makassar, "operator")), into=stays.id
    )
    assert supporters(stays) == 3  # a, b and the reporter of what was merged
    add_support(city=makassar, report_id=goes.id, device="c")
    assert supporters(stays) == 4


def test_a_neighbour_says_that_it_is_not_done_and_the_agency_hears_of_it(makassar):
    report, crew = resolved(makassar), officer(makassar)
    assert say(report.code, said="not_done", words="Masih  ada\0 di sudut").status_code == 303
    row = Report.objects.get(pk=report.id)
    assert (row.status, row.supporters) == ("resolved", 0)
    page = Client().get(f"/makassar/laporan/{report.code}/").content.decode()
    assert "Masih ada di sudut" in page
    from qlue.kit.db import fetch_value

    event_id = fetch_value(
        "SELECT max(id) FROM timeline_happening WHERE report_id = %s AND kind = 'report.doubted'", [report.id]
    )
    notify_of_events(makassar, report_events(makassar.id, [event_id]))
    assert count_unseen_notices(crew) == 1


def test_what_is_not_done_yet_cannot_be_doubted(makassar):
    assert say(handed_in(makassar).code, said="not_done").status_code == 404


def test_long_and_hostile_words_are_cut_and_escaped(makassar):
    report = resolved(makassar)
    say(report.code, said="not_done", words="<script>alert(1)</script>" + "x" * 9000)
    page = Client().get(f"/makassar/laporan/{report.code}/").content.decode()
    assert "<script>alert" not in page
    assert "x" * 600 not in page
