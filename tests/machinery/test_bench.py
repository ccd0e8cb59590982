"""The parts of the benches that could be wrong without anybody noticing."""

import json
import os
import random
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import numpy as np

from bench.cells import cells
from bench.client import Client, get
from bench.figures import cpu_ms, descendants, percentile
from bench.reports import requests
from qlue.kit.geo import cell


def test_percentiles() -> None:
    assert percentile([], 99) == 0
    assert percentile([3.0], 99) == 3
    assert percentile(list(map(float, range(101))), 95) == 95


def test_cpu_time_counts_what_was_worked() -> None:
    before = cpu_ms([os.getpid()])
    while cpu_ms([os.getpid()]) < before + 50:
        sum(range(10_000))
    assert cpu_ms([2**30]) == 0


def test_processes_below_this_one() -> None:
    assert os.getpid() in descendants(os.getppid())


def test_each_report_has_its_own_uuid_and_no_address_sends_too_many() -> None:
    prepared = list(requests(45, 3))
    addresses = [request.split(b"X-Forwarded-For: ")[1].split(b"\r\n")[0] for _uuid, request in prepared]
    assert max(map(addresses.count, addresses)) == 20
    assert {str(uuid) for uuid, _ in prepared} == {json.loads(r.split(b"\r\n\r\n")[1])["uuid"] for _, r in prepared}


def test_cells_of_arrays_are_the_cells_of_points() -> None:
    dice = random.Random(5)
    places = [(dice.uniform(95, 141), dice.uniform(-11, 6)) for _ in range(200)]
    found = cells(np.array([lon for lon, _ in places]), np.array([lat for _, lat in places]))
    assert found.tolist() == [cell(lon, lat) for lon, lat in places]


class _Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.path.encode() * 9000
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        pass


def test_the_client_reads_whole_answers_on_one_connection() -> None:
    server = HTTPServer(("127.0.0.1", 0), _Server)
    Thread(target=server.serve_forever, daemon=True).start()
    client = Client(server.server_port)
    for path in ("/a", "/bb"):
        answer = client.ask(get(path))
        assert (answer.status, answer.body) == (200, path.encode() * 9000)
    client.close()
    server.shutdown()
