"""The live stream tells each city's listeners what changed, and only theirs."""

import asyncio
import json

import psycopg
import pytest

from qlue.runtime import live


@pytest.fixture(autouse=True)
def _empty_state(monkeypatch):
    monkeypatch.setattr(live, "state", live.StreamState())


class Browser:
    """Calls the app as a server would, and keeps what it sends."""

    def __init__(self, query="city=makassar", path="/live", method="GET", headers=(), address="10.0.0.1"):
        self.scope = {"type": "http", "path": path, "method": method, "query_string": query.encode()}
        self.scope |= {"headers": list(headers), "client": (address, 1)}
        self.sent, self.left = [], asyncio.Event()

    async def receive(self):
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.sent.append(message)

    async def visit(self):
        self.task = asyncio.create_task(live.app(self.scope, self.receive, self.send))
        await asyncio.sleep(0.01)
        return self

    async def leave(self):
        self.left.set()
        await self.task

    @property
    def status(self):
        return self.sent[0]["status"]

    @property
    def text(self):
        return b"".join(message.get("body", b"") for message in self.sent).decode()

    @property
    def topics(self):
        events = [part for part in self.text.split("\n\n") if part.startswith("event: changed")]
        return [json.loads(event.split("data: ")[1])["topics"] for event in events]


def tell(**cities):
    live.distribute(json.dumps(cities))


def test_a_browser_hears_of_its_own_city_only():
    async def story():
        here, there = await Browser().visit(), await Browser("city=tomohon").visit()
        tell(makassar=["list", "dashboard"])
        await asyncio.sleep(0.01)
        assert here.topics == [["dashboard", "list"]]
        assert there.topics == []
        await here.leave()
        await there.leave()
        assert live.state == live.StreamState()

    asyncio.run(story())


def test_a_slow_browser_gets_what_gathered_as_one_and_at_last_only_anything():
    client = live.BrowserClient("makassar")
    live.add_topics(client, ["list"])
    live.add_topics(client, ["list", "dashboard"])
    assert b'{"topics":["dashboard","list"]}' in live.next_event(client)
    live.add_topics(client, [f"report:MKS-{number}" for number in range(500)])
    assert b'{"topics":["*"]}' in live.next_event(client)
    assert live.next_event(client) == b": still here\n\n"


def test_a_browser_that_comes_back_is_told_that_it_may_have_missed_something():
    async def story():
        back = await Browser(headers=[(b"last-event-id", b"1")]).visit()
        assert back.topics == [["*"]]
        await back.leave()

    asyncio.run(story())


def test_a_page_hears_what_changed_while_it_was_on_its_way(monkeypatch):
    live.state.gap = 0.0

    async def story():
        tell(makassar=["messages"], tomohon=["list"])
        await asyncio.sleep(0.05)
        slow, quick, program = [await Browser(f"city=makassar{age}").visit() for age in ("&age=5000", "&age=10", "")]
        assert (slow.topics, quick.topics, program.topics) == ([["messages"]], [], [])
        stale = await Browser("city=makassar&age=90000").visit()
        odd = await Browser("city=makassar&age=-1e9").visit()
        assert (stale.topics, odd.topics) == ([["*"]], [])
        live.distribute_anything()
        during_a_gap = await Browser("city=makassar&age=1000").visit()
        assert during_a_gap.topics == [["*"]]
        for browser in (slow, quick, program, stale, odd, during_a_gap):
            await browser.leave()

    asyncio.run(story())


def test_what_is_remembered_of_a_busy_city_stays_small(monkeypatch):
    monkeypatch.setattr(live, "MOST_RECENT", 10)
    live.state.gap = 0.0
    for number in range(25):
        tell(makassar=[f"report:MKS-{number}"])
    assert len(live.state.recent["makassar"]) <= 10
    assert "*" in live.topics_since("makassar", "1000")
    monkeypatch.setattr(live, "RECENT_S", 0.0)
    live.remember_topics("makassar", ["list"])
    assert list(live.state.recent["makassar"]) == ["list"]


def test_a_quiet_line_stays_open(monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.01)

    async def story():
        quiet = await Browser().visit()
        await asyncio.sleep(0.05)
        assert ": still here" in quiet.text
        await quiet.leave()

    asyncio.run(story())


@pytest.mark.parametrize("query", ["", "city=", "city=Makassar", "city=../etc", "city=a%20b"])
def test_a_city_that_cannot_be_one_is_refused(query):
    async def story():
        wrong = await Browser(query).visit()
        assert wrong.status == 400

    asyncio.run(story())


def test_one_address_may_not_take_every_place(monkeypatch):
    monkeypatch.setattr(live, "MOST_PER_ADDRESS", 2)

    async def story():
        browsers = [await Browser().visit() for _ in range(3)]
        other = await Browser(address="10.0.0.2").visit()
        assert [browser.status for browser in browsers] == [200, 200, 503]
        assert other.status == 200
        await browsers[0].leave()
        assert (await Browser().visit()).status == 200

    asyncio.run(story())


def test_other_paths_and_methods_are_told_so():
    async def story():
        assert (await Browser(path="/").visit()).status == 404
        assert (await Browser(method="POST").visit()).status == 405
        assert (await Browser(path="/live/health").visit()).status == 503

    asyncio.run(story())


def test_it_hears_the_database_and_says_anything_after_a_break(owner_url):
    async def story():
        listening = asyncio.create_task(live.listen_forever())
        browser = await Browser().visit()
        await until(lambda: browser.topics == [["*"]])
        notify(owner_url, '{"makassar": ["list"], "tomohon": ["dashboard"]}')
        await until(lambda: browser.topics[1:] == [["list"]])
        hang_up(owner_url)
        await until(lambda: browser.topics[2:] == [["*"]])
        notify(owner_url, "no JSON at all")
        await until(lambda: browser.topics[3:] == [["*"]])
        listening.cancel()
        await browser.leave()

    asyncio.run(story())


async def until(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


def notify(url, payload):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_notify('qlue_live', %s)", [payload])


def hang_up(url):
    """Ends the listener's connection, as a restart of the server would. Signed in as the app, like the listener."""
    with psycopg.connect(live.database_url(), autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
