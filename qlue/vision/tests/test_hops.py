"""Where a camera's address leads to: every host on the way is looked at, and what is no camera is not opened."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from qlue.vision.sources import hosts
from qlue.vision.sources.hosts import BadAddress, check_host, connect_checked
from qlue.vision.sources.still import NoPicture, fetch_still
from qlue.vision.tests.making import film

CAMERA, INSIDE = "127.0.0.2", "127.0.0.3"  # both are this machine's; only the first is allowed
SEGMENT = "#EXTINF:1,\n{}\n"
MEDIA = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:1\n{}#EXT-X-ENDLIST\n"


class Web:
    """Says what it is told to say, and remembers what it was asked."""

    def __init__(self, host: str) -> None:
        self.pages: dict[str, bytes | str] = {}  # a text is where to go instead
        self.asked: list[str] = []
        outer = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                page = outer.pages.get(self.path, b"")
                self.send_response(302 if isinstance(page, str) else 200)
                self.send_header("Location", page) if isinstance(page, str) else None
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(page if isinstance(page, bytes) else b"")

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer((host, 0), Answer)
        self.at = f"{host}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(autouse=True)
def _one_host(monkeypatch):
    monkeypatch.setenv("QLUE_CAMERA_NETWORKS", f"{CAMERA}/32")
    monkeypatch.setenv("no_proxy", "*")  # what the surroundings say must not lead around the gate


@pytest.fixture
def webs() -> Iterator[tuple[Web, Web]]:
    camera, inside = Web(CAMERA), Web(INSIDE)
    yield camera, inside
    camera.close()
    inside.close()


def pages(inside: str, own: str) -> dict[str, dict[str, bytes | str]]:
    """What a camera may say to make us ask its neighbour."""
    key = f'#EXT-X-KEY:METHOD=AES-128,URI="http://{inside}/k"\n'
    part = f'#EXT-X-MAP:URI="http://{inside}/m.mp4"\n'
    master = f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://{inside}/media.m3u8\n"
    return {
        "redirect": {"/": f"http://{inside}/"},
        "two redirects, the second encrypted": {"/": f"http://{own}/2", "/2": f"https://{inside}/"},
        "master": {"/": master.encode()},
        "segment": {"/": MEDIA.format(SEGMENT.format(f"http://{inside}/s.ts")).encode()},
        "redirected segment": {
            "/": MEDIA.format(SEGMENT.format("s.ts")).encode(), "/s.ts": f"http://{inside}/s.ts"
        },
        "key": {"/": MEDIA.format(key + SEGMENT.format("s.ts")).encode()},
        "map": {"/": MEDIA.format(part + SEGMENT.format("s.m4s")).encode()},
    }  # fmt: skip


@pytest.mark.parametrize("case", pages("", ""))
def test_what_leads_to_a_forbidden_host_is_not_followed(webs, case):
    camera, inside = webs
    camera.pages = pages(inside.at, camera.at)[case]
    kind = "mjpeg" if case.endswith(("redirect", "encrypted")) else "hls"
    with pytest.raises(NoPicture) as told:
        fetch_still(kind, f"http://{camera.at}/")
    assert (told.value.reason, told.value.detail) == ("inside", inside.at)
    assert camera.asked
    assert inside.asked == []


LEADS = [
    "file:///etc/passwd",
    "concat:a|b",
    "data:text/plain,x",
    "gopher://{}/",
    "tcp://{}",
    "crypto+file:///etc/passwd",
]


@pytest.mark.parametrize("lead", LEADS)
def test_a_playlist_opens_nothing_but_http(webs, lead):
    camera, inside = webs
    camera.pages["/"] = MEDIA.format(SEGMENT.format(lead.format(inside.at))).encode()
    with pytest.raises(NoPicture):
        fetch_still("hls", f"http://{camera.at}/")
    assert inside.asked == []


def test_a_playlist_is_no_mjpeg_and_a_film_is_no_list_of_files(webs, tmp_path):
    camera, _inside = webs
    camera.pages["/"] = MEDIA.format(SEGMENT.format(f"http://{camera.at}/s.ts")).encode()
    with pytest.raises(NoPicture):
        fetch_still("mjpeg", f"http://{camera.at}/")
    assert camera.asked == ["/"]
    other = film(tmp_path / "lain.mp4", seconds=0.5)
    for text in (f"ffconcat version 1.0\nfile {other.name}\n", f"#EXTM3U\n#EXTINF:1,\n{other}\n#EXT-X-ENDLIST\n"):
        (tmp_path / "daftar.mp4").write_text(text)
        with pytest.raises(NoPicture):
            fetch_still("file", f"file:{tmp_path / 'daftar.mp4'}")


def test_an_encrypted_playlist_with_redirects_on_one_host_gives_a_picture(webs, tmp_path):
    camera, _inside = webs
    (tmp_path / "k").write_bytes(b"0123456789abcdef")
    (tmp_path / "info").write_text(f"http://{camera.at}/key\n{tmp_path / 'k'}\n")
    options = {"hls_time": "1", "hls_key_info_file": str(tmp_path / "info"), "hls_playlist_type": "vod"}
    film(tmp_path / "p.m3u8", seconds=2, format="hls", options=options)
    for path in tmp_path.glob("p*"):
        camera.pages[f"/{path.name}"] = path.read_bytes()
    camera.pages |= {"/": f"http://{camera.at}/p.m3u8", "/key": "/k", "/k": (tmp_path / "k").read_bytes()}
    assert fetch_still("hls", f"http://{camera.at}/").startswith(b"\xff\xd8")
    assert "/k" in camera.asked


def redirecting(place: str, wrap: ssl.SSLContext | None = None) -> tuple[socket.socket, list[bytes]]:
    """An RTSP server that sends everybody to `place`, and what it was asked."""
    door, asked = socket.create_server((CAMERA, 0)), []

    def serve() -> None:
        plain, _from = door.accept()
        with plain, wrap.wrap_socket(plain, server_side=True) if wrap else plain as client:
            while said := client.recv(4096):
                asked.append(said)
                number = said.partition(b"CSeq: ")[2].partition(b"\r\n")[0]
                answer = "200 OK\r\nPublic: DESCRIBE"
                if not said.startswith(b"OPTIONS"):
                    answer = f"302 Found\r\nLOCATION:{place}"
                client.sendall(f"RTSP/1.0 {answer}\r\nCSeq: {number.decode()}\r\n\r\n".encode())

    threading.Thread(target=serve, daemon=True).start()
    return door, asked


@pytest.mark.parametrize("scheme", ["rtsp", "rtsps"])
def test_an_rtsp_camera_that_sends_us_elsewhere_is_refused(webs, scheme, tmp_path):
    _camera, inside = webs
    wrap = certified(tmp_path) if scheme == "rtsps" else None
    door, asked = redirecting(f"rtsp://{inside.at}/x", wrap)
    with door, pytest.raises(NoPicture) as told:
        fetch_still("rtsp", f"{scheme}://{CAMERA}:{door.getsockname()[1]}/s1")
    assert told.value.reason == "elsewhere"
    assert asked[-1].startswith(b"DESCRIBE")
    assert inside.asked == []


def certified(folder: Path) -> ssl.SSLContext:
    """A certificate that the camera signed itself."""
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=kamera -keyout k.pem -out c.pem"
    subprocess.run(["openssl", *words.split()], cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "c.pem", folder / "k.pem")
    return context


def test_a_name_that_means_a_forbidden_address_is_not_opened(monkeypatch):
    with pytest.raises(NoPicture) as told:
        fetch_still("mjpeg", "http://localhost:9/")
    assert told.value.reason == "inside"
    said = [(CAMERA, 80), (INSIDE, 80)]  # of several addresses one forbidden is enough
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", place) for place in said])
    with pytest.raises(BadAddress):
        connect_checked("kamera.example", 80, 1)


def test_a_name_is_asked_for_once_so_that_it_cannot_change_in_between(monkeypatch):
    times = []

    def asked(*_: Any, **__: Any) -> Any:
        times.append(1)
        return [(2, 1, 6, "", (CAMERA if len(times) == 1 else INSIDE, 80))]

    with socket.create_server((CAMERA, 0)) as door:
        monkeypatch.setattr(socket, "getaddrinfo", asked)
        with connect_checked("kamera.example", door.getsockname()[1], 1) as made:
            assert made.getpeername()[0] == CAMERA


FORBIDDEN = [
    "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "169.254.169.254", "[fe80::1]",
    "224.0.0.1", "0.0.0.0", "255.255.255.255", "168.63.129.16", "[fd00:ec2::254]",
]  # fmt: skip


@pytest.mark.parametrize("host", FORBIDDEN)
def test_places_where_no_camera_stands(host, monkeypatch):
    for named in ("", "0.0.0.0/0,::/0"):  # naming everything does not open what is special
        monkeypatch.setenv("QLUE_CAMERA_NETWORKS", named)
        with pytest.raises(BadAddress) as told:
            check_host(f"http://{host}/")
        assert told.value.reason == "inside"


def test_private_networks_are_open_unless_the_installation_names_its_own(monkeypatch):
    monkeypatch.setenv("QLUE_CAMERA_NETWORKS", "")
    for host in ("10.1.2.3", "192.168.7.7", "[fd12::7]", "203.0.114.9"):
        check_host(f"rtsp://{host}/")
    monkeypatch.setenv("QLUE_CAMERA_NETWORKS", "10.1.0.0/16, fd12::/16")
    check_host("rtsp://10.1.2.3/")
    with pytest.raises(BadAddress):
        check_host("rtsp://10.2.2.3/")
    monkeypatch.setenv("QLUE_CAMERA_NETWORKS", "ten")
    with pytest.raises(BadAddress) as told:
        check_host("rtsp://10.1.2.3/")
    assert told.value.reason == "networks"


def test_this_machines_own_address_is_special_in_any_network(monkeypatch):
    monkeypatch.setenv("QLUE_CAMERA_NETWORKS", "")
    monkeypatch.setattr(hosts, "is_local", lambda place: str(place) == "10.1.2.3")
    with pytest.raises(BadAddress):
        check_host("rtsp://10.1.2.3/")
    monkeypatch.setenv("QLUE_CAMERA_NETWORKS", "10.1.2.3/32")
    check_host("rtsp://10.1.2.3/")
