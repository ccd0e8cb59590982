"""One language for lists, maps, feeds and numbers: from the address to the filter and back."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.http import QueryDict

from qlue.reports.queries.address import filter_from_query, query_from_filter, read_query
from qlue.reports.queries.reports import ReportFilter

ADDRESSES = [
    "status=menunggu",
    "status=terbuka",
    "status=on_hold",
    "category=sampah&area=73.71.01.1001&agency=dlh",
    "area=73.71.01",
    "since=2026-10-01&until=2026-10-31",
    "since=2026-10-01T09:30:00%2B08:00",
    "done=2026-10-01&overdue=1",
    "q=dekat+pasar",
    "bbox=119.400000,-5.200000,119.500000,-5.100000",
    "before=1790000000000000.7K2Q9XZ",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_comes_back_as_it_was(makassar: Any, address: str) -> None:
    wanted = read_query(makassar, QueryDict(address))
    assert not wanted.warnings
    assert wanted.filter != ReportFilter()
    assert filter_from_query(makassar, QueryDict(query_from_filter(makassar, wanted.filter))) == wanted.filter


def test_days_are_the_citys_own_and_until_includes_its_day(makassar: Any) -> None:
    wanted = filter_from_query(makassar, QueryDict("since=2026-10-01&until=2026-10-01"))
    assert wanted.since == datetime(2026, 10, 1, tzinfo=makassar.tz)
    assert wanted.until == datetime(2026, 10, 2, tzinfo=makassar.tz)


def test_private_never_goes_into_an_address(makassar: Any) -> None:
    assert query_from_filter(makassar, replace(ReportFilter(), private=True)) == ""


def test_a_period_counts_today_as_its_last_day(makassar: Any) -> None:
    wanted = filter_from_query(makassar, QueryDict("period=1"))
    assert wanted.since is not None
    assert wanted.since.date() == datetime.now(makassar.tz).date()


@pytest.mark.parametrize(
    "garbage",
    [
        "status=beres",
        "category=banjir-uang",
        "category=%00",
        "area=99.99.99.9999",
        "agency=7",
        "since=besok",
        "since=0001-01-01",
        "until=9999-12-31",
        "since=2026-13-45",
        "since=2026-10-01T99",
        "period=banyak",
        "bbox=1,2,3",
        "bbox=nan,nan,nan,nan",
        "bbox=119.5,-5.1,119.4,-5.2",
        "bbox=-inf,-90,inf,90",
        "before=x",
        "before=99999999999999999999.7K2Q9XZ",
        "before=1.ABC",
    ],
)
def test_garbage_is_left_out_and_said(makassar: Any, garbage: str) -> None:
    asked = read_query(makassar, QueryDict(f"{garbage}&overdue=1"))
    assert asked.filter == ReportFilter(overdue=True)
    assert len(asked.warnings) == (0 if "%00" in garbage else 1)


def test_another_citys_area_is_garbage_here(makassar: Any, tomohon: Any) -> None:
    foreign = tomohon.kelurahan[0].code
    assert read_query(makassar, {"area": foreign}).warnings
    assert not read_query(tomohon, {"area": foreign}).warnings
