"""An installation without one of its parts: the page and the doctor say so, and nothing fails."""

import importlib.util
import logging
from argparse import Namespace
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from qlue.atlas.files import parquet_file
from qlue.atlas.files.limits import UnreadableFile
from qlue.atlas.files.table import refusal_message
from qlue.atlas.tests.making import figures
from qlue.channels.tests.exchange import run_jobs
from qlue.dashboard.brief.mail import mail_briefs
from qlue.dashboard.tests.test_mailing import MONDAY_SIX, reader
from qlue.insight.actions.retrain import retrain_city
from qlue.insight.jobs.policy import compute
from qlue.kit import parts
from qlue.reports.imports.mapping import Layout, MappingError
from qlue.reports.imports.source import open_source
from qlue.reports.tests.making import officer
from qlue.runtime import doctor, programs
from qlue.vision.sources.still import NoPicture, fetch_still

NOT_INSTALLED = "bagian Qlue itu tidak terpasang"


@pytest.fixture
def without(monkeypatch):
    """`without(part)`: as if its libraries were not installed."""

    def hide(part):
        gone = parts.MODULES[part]
        find = importlib.util.find_spec
        monkeypatch.setattr(parts, "find_spec", lambda module: None if module in gone else find(module))

    return hide


@pytest.fixture
def page_for(client, makassar):
    def page(role, address):
        client.force_login(officer(makassar, role).user)
        return client.get(f"/makassar/{address}", follow=True).content.decode()

    return page


PAGES = [
    ("cameras", "operator", "kamera/"),
    ("insight", "mayor", "wawasan/"),
    ("insight", "mayor", "wawasan/model/"),
    ("brief", "mayor", "dasbor/ringkasan-pekan/"),
    ("brief", "mayor", "dasbor/ringkasan-pekan.pdf"),
    ("parquet", "mayor", "dasbor/?tab=kasus"),
    ("parquet", "admin", "data/penduduk/"),
]


@pytest.mark.parametrize(("part", "role", "address"), PAGES)
def test_its_page_says_what_is_missing_and_how_to_add_it(page_for, makassar, without, part, role, address):
    figures(makassar, "penduduk", {one.id: 1000 for one in makassar.kelurahan}, example=True)
    if not address.endswith(".pdf"):
        assert NOT_INSTALLED not in page_for(role, address)
    without(part)
    said = page_for(role, address)
    assert NOT_INSTALLED in said
    assert f"pip install &#x27;qlue[{part}]&#x27;" in said


def test_the_doctor_has_a_line_for_each_part_and_takes_none_for_a_fault(without):
    assert [one.state for one in doctor.check_parts(Path())] == ["good"] * 4
    without("brief")
    [noted] = [one for one in doctor.check_parts(Path()) if one.state != "good"]
    assert (noted.part, noted.state, noted.remedy) == ("part brief", "note", "pip install 'qlue[brief]'")


def test_without_cameras_no_node_starts_and_a_test_says_why(tmp_path, without):
    def names():
        asked = Namespace(host="127.0.0.1", port=8000, demo=False, pack=[])
        return [child.name for child in programs.make_children(tmp_path, asked)]

    assert "cameras" in names()
    without("cameras")
    assert "cameras" not in names()
    with pytest.raises(NoPicture) as refused:
        fetch_still("rtsp", "rtsp://192.0.2.1/")
    assert refused.value.reason == "absent"
    with pytest.raises(CommandError, match=r"qlue\[cameras\]"):
        call_command("vision", "node")


def test_without_insight_the_nights_do_nothing_and_say_so(makassar, without, caplog):
    without("insight")
    with caplog.at_level(logging.INFO):
        compute("makassar")
        assert retrain_city(makassar) == []
    assert caplog.text.count("qlue[insight]") == 2
    with pytest.raises(CommandError, match=r"qlue\[insight\]"):
        call_command("insight", "compute")


def test_without_typst_the_brief_goes_without_paper(makassar, without, settings):
    settings.EMAIL_HOST, settings.PUBLIC_URL = "mail.example", "https://qlue.example"
    reader(makassar)
    without("brief")
    assert mail_briefs(makassar, MONDAY_SIX) == 1
    run_jobs(makassar)
    [letter] = mail.outbox
    assert letter.attachments == []
    assert "terlampir" not in letter.body
    assert "?minggu=2026-W47" in letter.body


@pytest.mark.parametrize("address", ["dasbor/unduh/", "data/indikator/"])
def test_without_pyarrow_parquet_is_no_kind_of_file(client, makassar, without, address):
    assert client.get(f"/makassar/{address}?format=parquet").status_code == 200
    without("parquet")
    answer = client.get(f"/makassar/{address}?format=parquet")
    assert answer.status_code == 400
    assert "csv, xlsx, geojson." in answer.json()["title"]
    assert client.get(f"/makassar/{address}?format=csv").status_code == 200


def test_without_pyarrow_a_parquet_file_is_refused_in_words(tmp_path, without):
    without("parquet")
    with pytest.raises(UnreadableFile) as refused:
        next(parquet_file.read_parquet(tmp_path / "a.parquet", []))
    assert NOT_INSTALLED in refusal_message(refused.value)
    with pytest.raises(MappingError, match=r"qlue\[parquet\]"):
        open_source(tmp_path / "a.parquet", Layout())
