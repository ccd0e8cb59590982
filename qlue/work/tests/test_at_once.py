"""Two people, or one impatient finger, at the same moment: real connections, real commits."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from qlue.cities.facts import CityFacts, city_facts
from qlue.kit.db import enter_city, execute, fetch_value
from qlue.kit.ids import uuid7
from qlue.people.actions import add_user
from qlue.work.tests.conftest import PASSWORD, new_case, number, picture

Post = Callable[[], HttpResponse]


@pytest.fixture
def city(committed_db: None) -> Iterator[CityFacts]:
    found = city_facts("makassar")
    assert found
    enter_city(found.id)
    yield found
    execute("DELETE FROM work_proof")
    execute(
        "DELETE FROM people_membership WHERE user_id IN (SELECT id FROM people_user WHERE username LIKE 'serentak.%%')"
    )
    execute("DELETE FROM people_user WHERE username LIKE 'serentak.%%'")


@pytest.fixture
def two(city: CityFacts) -> list[Client]:
    clients = [Client(), Client()]
    for n, client in enumerate(clients):
        member = add_user(city=city, username=f"serentak.{n}", role="head", agency="dlh", password=PASSWORD)
        client.force_login(member.user)
    enter_city(city.id)
    return clients


def at_once(*posts: Post) -> list[int]:
    """Runs them in threads of their own that start together; their status codes, sorted."""
    ready = Barrier(len(posts))

    def act(post: Post) -> int:
        ready.wait()
        try:
            return post().status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(posts)) as pool:
        return sorted(pool.map(act, posts))


def posting(client: Client, code: str, verb: str, **data: object) -> Post:
    given = {"uuid": str(uuid7()), **data}
    return lambda: client.post(f"/makassar/kerja/{code}/{verb}/", given)  # type: ignore[return-value]


def happened(code: str, kind: str) -> int:
    sql = "SELECT count(*) FROM timeline_happening WHERE report_id = %s AND kind = %s"
    return int(fetch_value(sql, [number(code), kind]))


def test_two_officers_resolve_the_same_case(city: CityFacts, two: list[Client]) -> None:
    code = new_case(city, "in_progress")
    photos = [SimpleUploadedFile(f"{n}.jpg", picture(), "image/jpeg") for n in range(2)]
    posts = [
        posting(client, code, "resolve", words=f"Sudah bersih {n}", photos=[photos[n]]) for n, client in enumerate(two)
    ]
    assert at_once(*posts) == [302, 409]
    assert happened(code, "report.resolved") == 1
    assert fetch_value("SELECT count(*) FROM reports_photo WHERE report_id = %s", [number(code)]) == 1


def test_one_form_sent_twice(city: CityFacts, two: list[Client]) -> None:
    code, uuid = new_case(city), str(uuid7())
    assert at_once(*(posting(two[0], code, "accept", uuid=uuid) for _ in range(2))) == [302, 302]
    assert happened(code, "report.accepted") == 1


@pytest.mark.parametrize("_round", range(8))  # the moment at which they meet differs each time
def test_two_reports_are_merged_into_each_other(city: CityFacts, two: list[Client], _round: int) -> None:
    here, there = new_case(city), new_case(city)
    codes = at_once(posting(two[0], here, "merge", into=there), posting(two[1], there, "merge", into=here))
    assert codes[0] == 302
    assert codes[1] in (409, 422)
    assert happened(here, "report.merged") + happened(there, "report.merged") == 1


def test_two_who_correct_a_category_at_once_do_not_overwrite_each_other(city: CityFacts, two: list[Client]) -> None:
    code, seen = new_case(city), city.category("sampah").id  # type: ignore[union-attr]
    wishes = ("sanitasi", "tanaman-bermasalah")
    posts = [
        posting(client, code, "recategorise", category=to, seen=seen) for client, to in zip(two, wishes, strict=True)
    ]
    assert at_once(*posts) == [302, 422]
    sql = "SELECT count(*) FROM timeline_happening WHERE report_id = %s AND kind = 'report.recategorised'"
    assert fetch_value(sql, [number(code)]) == 1
