"""Feeds: well-formed whatever people write, with the list's filters, not sent twice."""

from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from qlue.reports.tests.making import handed_in

ATOM = "{http://www.w3.org/2005/Atom}"


def read(answer: Any) -> ElementTree.Element:
    assert answer.status_code == 200
    return ElementTree.fromstring(answer.content)  # noqa: S314 - we wrote it


def test_atom_tells_what_the_list_tells(client: Client, makassar: Any) -> None:
    shown = handed_in(makassar, words='<b>Sampah</b> & "lain" \x0b di jalan')
    handed_in(makassar, "banjir")
    handed_in(makassar, private=True)
    feed = read(client.get("/makassar/laporan.atom?category=sampah"))
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 1
    assert entries[0].find(f"{ATOM}link").attrib["href"] == f"http://testserver/makassar/laporan/{shown.code}/"  # type: ignore[union-attr]
    assert "<b>Sampah</b>" in (entries[0].findtext(f"{ATOM}summary") or "")


def test_rss_has_links_and_lasting_names(client: Client, makassar: Any) -> None:
    done = handed_in(makassar)
    item = read(client.get("/makassar/laporan.rss")).find("channel/item")
    assert item is not None
    assert done.code in (item.findtext("guid") or "")
    assert done.code in (item.findtext("link") or "")


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_a_feed_is_not_sent_twice(client: Client, makassar: Any, kind: str) -> None:
    handed_in(makassar)
    first = client.get(f"/makassar/laporan.{kind}")
    again = client.get(f"/makassar/laporan.{kind}", HTTP_IF_NONE_MATCH=first.headers["ETag"])
    assert again.status_code == 304


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_an_empty_feed_and_garbage_are_well_formed(client: Client, makassar: Any, kind: str) -> None:
    read(client.get(f"/makassar/laporan.{kind}?category=xyz&since=besok"))
