"""The shell's own pages, and what every answer carries."""

import csv
import gzip
import json
import logging
import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from qlue.vision.presentation.drawing_labels import DRAWING_LABELS
from qlue.web.middleware import content_policy, stream_origin
from qlue.web.presentation import assets
from qlue.web.presentation import shell as context
from qlue.web.presentation.script_messages import SCRIPT_MESSAGES
from qlue.web.views.pages import csrf_failure, too_many_requests


@pytest.fixture
def client():
    return Client(HTTP_ACCEPT_LANGUAGE="id")


def test_health_needs_no_database(client):
    answer = client.get("/health")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_ready_asks_the_database(client, db):
    assert client.get("/ready").status_code == 200


def test_headers_keep_secrets_and_strange_scripts_out(client):
    answer = client.get("/health")
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("host", "origin"),
    [("127.0.0.1:8000", "http://127.0.0.1:8001"), ("[::1]:8000", "http://[::1]:8001"), ("evil.example", "")],
)
def test_the_policy_allows_the_live_stream_of_this_host_only(settings, host, origin):
    settings.LIVE_URL = "http://{host}:8001/live"
    request = RequestFactory().get("/", HTTP_HOST=host)
    assert stream_origin(request) == origin
    assert content_policy(origin).endswith(f"connect-src 'self' {origin}".strip())


def test_the_stream_is_asked_for_the_city_in_the_address(settings):
    settings.LIVE_URL = "http://{host}:8001/live"
    request = RequestFactory().get("/", HTTP_HOST="localhost:8000")
    vars(request)["city"] = SimpleNamespace(slug="tomohon")
    assert context.live_url(request) == "http://localhost:8001/live?city=tomohon"
    settings.LIVE_URL = ""
    assert context.live_url(request) == ""


def test_the_manifest_names_icons_that_exist(client):
    icons = json.loads(client.get("/manifest.webmanifest").content)["icons"]
    assert {icon["sizes"] for icon in icons} == {"192x192", "512x512"}
    assert all(finders.find(icon["src"].removeprefix("/static/")) for icon in icons)


def test_search_engines_stay_out_of_work_and_secret_links(client):
    assert b"Disallow: /*/ikuti/" in client.get("/robots.txt").content


def test_language_is_kept_and_the_way_back_stays_here(client, db):
    answer = client.get("/bahasa/", {"language": "en", "next": "/makassar/?a=1"})
    assert (answer.status_code, answer["Location"]) == (302, "/makassar/?a=1")
    assert answer.cookies["django_language"].value == "en"
    assert client.get("/bahasa/", {"language": "en", "next": "//evil.example/"})["Location"] == "/"
    assert not client.get("/bahasa/", {"language": "xx"}).cookies


def test_error_pages_say_what_to_do():
    request = RequestFactory().get("/x", HTTP_HOST="localhost")
    slow = too_many_requests(request, 120)
    assert (slow.status_code, slow["Retry-After"]) == (429, "120")
    assert b"2 " in slow.content
    assert csrf_failure(request).status_code == 403
    assert "Terjadi gangguan" in render_to_string("500.html")


def test_a_missing_build_breaks_no_page(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(assets, "BUILT", tmp_path)
    assets._log_missing.cache_clear()
    with caplog.at_level(logging.ERROR, logger="qlue.web.presentation.assets"):
        assert assets.asset_url("public.css").endswith("NOT-BUILT/public.css")
    assert "make setup" in caplog.text
    (tmp_path / "assets.json").write_text("not json")
    assert assets.island_urls("map") == []


@pytest.mark.parametrize(("debug", "then"), [(False, "public-1.css"), (True, "public-22.css")])
def test_a_running_server_keeps_the_build_it_started_with(tmp_path, monkeypatch, settings, debug, then):
    settings.DEBUG = debug
    monkeypatch.setattr(assets, "BUILT", tmp_path)
    table = tmp_path / "assets.json"
    table.write_text('{"public.css": "public-1.css", "islands": {"map": ["map-1.js"]}}')
    assert assets.asset_url("public.css").endswith("/built/public-1.css")
    assert assets.island_urls("map")[0].endswith("/built/map-1.js")
    table.write_text('{"public.css": "public-22.css"}')
    os.utime(table, ns=(1, 1))
    assert assets.asset_url("public.css").endswith(f"/built/{then}")


def test_scripts_say_only_words_that_the_page_has():
    source = Path(__file__).parents[3] / "frontend" / "src"
    said = {key for path in source.rglob("*.ts") for key in re.findall(r'translate\("(\w+)"', path.read_text())}
    assert said
    assert said <= set(SCRIPT_MESSAGES) | set(DRAWING_LABELS)


@pytest.mark.skipif(not assets.built_files(), reason="the front end is not built")
def test_pages_stay_within_their_weight():
    def weight(name: str) -> int:
        return len(gzip.compress((assets.BUILT / assets.built_files()[name]).read_bytes()))

    assert weight("public.js") <= 40_000
    assert weight("public.css") <= 30_000
    assert weight("dashboard.css") <= 30_000


@pytest.mark.skipif(not assets.built_files(), reason="the front end is not built")
def test_every_category_has_its_icon_in_the_sprite():
    packs = Path(__file__).parents[3] / "packs"
    named = {row["icon"] for path in packs.glob("*/categories.csv") for row in csv.DictReader(path.open())}
    assert named <= assets.built_icons()


def test_a_strange_host_is_told_so_and_breaks_nothing(client):
    answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "evil.example" not in answer.text


def test_no_page_is_framed_and_with_tls_browsers_stay_with_it(client, settings):
    answer = client.get("/health")
    assert answer["X-Frame-Options"] == "DENY"
    assert "Strict-Transport-Security" not in answer
    settings.HTTPS = True
    assert client.get("/health")["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(
    "path", ["/manifest.webmanifest", "/makassar/laporan.rss", "/makassar/laporan.json?area=x", "/"]
)
def test_what_depends_on_the_language_is_kept_apart_by_caches(client, makassar, path):
    assert "Cookie" in client.get(path)["Vary"]


def test_whom_to_tell_of_a_weakness_is_what_the_operator_says(client, db, settings):
    settings.SECURITY_CONTACT = ""
    missing = client.get("/.well-known/security.txt")
    assert missing.status_code == 404
    settings.SECURITY_CONTACT = "mailto:aman@kota.example"
    lines = client.get("/.well-known/security.txt").text.splitlines()
    assert lines[0] == "Contact: mailto:aman@kota.example"
    assert lines[1].startswith("Expires: 20")
