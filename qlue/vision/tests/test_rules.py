import pytest

from qlue.vision.analysis.pipeline import Pipeline
from qlue.vision.rules.marks import BadMarks, Marks, marks_to_json, read_marks
from qlue.vision.rules.minutes import MinuteCounts
from qlue.vision.tests.making import box

SQUARE = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]


def watch(**marks) -> Pipeline:
    return Pipeline(read_marks({"lines": [], "zones": []} | marks))


def run(on, pictures, at=0.0, step=0.2):
    """Everything that was told of boxes per picture: crossings and signals, and when it ended."""
    crossings, signals = [], []
    for boxes in pictures:
        at += step
        seen = on.process(boxes, at)
        crossings += seen.crossings
        signals += seen.signals
    return crossings, signals, at


def line(name="Simpang"):
    return {"name": name, "points": [[0.5, 1.0], [0.5, 0.0]]}


def zone(kind, **more):
    return {"name": "Zona", "kind": kind, "points": SQUARE} | more


def test_a_line_counts_what_crosses_by_kind_and_direction():
    right = [[box(0.3 + 0.02 * n, 0.6), box(0.7 - 0.02 * n, 0.3, "motorcycle", wide=0.04)] for n in range(20)]
    found, _signals, _at = run(watch(lines=[line()]), right)
    assert {(one.kind, one.direction) for one in found} == {("car", "forward"), ("motorcycle", "back")}
    assert len(found) == 2


def test_who_hesitates_on_the_line_is_counted_once():
    to_and_fro = [0.40, 0.43, 0.46, 0.49, 0.502, 0.498, 0.503, 0.497, 0.504, 0.496, 0.51, 0.54, 0.57, 0.6]
    found, _signals, _at = run(watch(lines=[line()]), [[box(x, 0.6)] for x in to_and_fro])
    assert [one.direction for one in found] == ["forward"]


def test_who_turns_back_before_the_line_is_not_counted_and_who_returns_is_counted_twice():
    back = [0.40, 0.43, 0.46, 0.49, 0.5, 0.49, 0.46, 0.43, 0.40]
    assert run(watch(lines=[line()]), [[box(x, 0.6)] for x in back])[0] == []
    there = [0.40, 0.44, 0.48, 0.52, 0.56, 0.60, 0.56, 0.52, 0.48, 0.44, 0.40]
    found = run(watch(lines=[line()]), [[box(x, 0.6)] for x in there])[0]
    assert [one.direction for one in found] == ["forward", "back"]


def test_what_passes_beside_the_lines_ends_is_not_counted():
    short = {"name": "Pendek", "points": [[0.5, 0.5], [0.5, 0.2]]}
    assert run(watch(lines=[short]), [[box(0.3 + 0.02 * n, 0.9)] for n in range(20)])[0] == []


def test_parking_opens_after_its_time_is_told_again_and_closes():
    on = watch(zones=[zone("parking", seconds=10)])
    _c, first, at = run(on, [[box(0.5, 0.5)]] * 45)
    assert [(one.kind, one.step) for one in first] == []
    _c, then, at = run(on, [[box(0.5, 0.5)]] * 200, at)
    assert [one.step for one in then] == ["open", "update"]
    assert then[0].data["vehicle"] == "car"
    _c, last, at = run(on, [[box(0.5 + 0.03 * n, 0.5)] for n in range(14)], at)
    assert [one.step for one in last] == ["close"]
    assert len({one.key for one in (*then, *last)}) == 1


def test_a_bus_in_front_does_not_start_the_clock_anew():
    on = watch(zones=[zone("parking", seconds=20)])
    _c, _s, at = run(on, [[box(0.5, 0.5)]] * 60)
    _c, hidden, at = run(on, [[]] * 50, at)  # ten seconds: the track is over, the stay is not
    _c, told, at = run(on, [[box(0.5, 0.5)]] * 30, at)
    assert hidden == []
    assert [one.step for one in told] == ["open"]
    assert 20 <= told[0].data["seconds"] <= 29


def test_a_queue_that_creeps_forward_is_no_parking():
    queue = [[box((0.1 + 0.2 * place + 0.012 * n) % 1.0, 0.5) for place in range(5)] for n in range(300)]
    assert run(watch(zones=[zone("parking", seconds=10)]), queue)[1] == []


def test_a_crowd_opens_holds_through_a_dip_and_closes():
    on = watch(zones=[zone("crowd", limit=5, seconds=4)])
    people = [box(0.1 + 0.15 * n, 0.5, "person", wide=0.05) for n in range(6)]
    _c, opened, at = run(on, [people] * 30)
    assert [one.step for one in opened] == ["open"]
    _c, dip, at = run(on, [people[:4]] * 10, at)  # four of five are enough to go on
    assert dip == []
    _c, over, at = run(on, [people[:2]] * 40, at)
    assert [(one.step, one.data["peak"]) for one in over] == [("close", 6)]


def test_a_moment_of_many_is_no_crowd():
    people = [box(0.1 + 0.15 * n, 0.5, "person", wide=0.05) for n in range(6)]
    assert run(watch(zones=[zone("crowd", limit=5, seconds=4)]), [people] * 10 + [[]] * 20 + [people] * 10)[1] == []


def test_congestion_is_many_and_slow():
    cars = [0.1, 0.3, 0.5, 0.7, 0.9]
    standing = [[box(x, 0.5) for x in cars]] * 80
    flowing = [[box((x + 0.05 * n) % 1.0, 0.5) for x in cars] for n in range(80)]
    road = zone("road", limit=4, seconds=5)
    assert [one.kind for one in run(watch(zones=[road]), standing)[1]] == ["congestion"]
    assert run(watch(zones=[road]), flowing)[1] == []


def test_minutes_say_how_long_the_camera_looked():
    book, on = MinuteCounts(), watch(lines=[line()])
    at = 1_800_000_000.0
    for n in range(100):
        seen = on.process([box(0.3 + 0.004 * n, 0.6)], at + 0.2 * n)
        book.add_frame(at + 0.2 * n, seen.tracks, seen.crossings)
    book.add_frame(at + 50, [], [])  # blind for half a minute: one second of it counts
    [minute] = book.drain(at + 55)
    assert minute.seen_s == pytest.approx(99 * 0.2 + 1)
    assert minute.crossings == {("Simpang", "car", "forward"): 1}
    assert [one.start for one in book.drain(at + 70)] == [minute.start]
    assert book.minutes == {}


GARBAGE = [
    [],
    {"lines": "x"},
    {"lines": [{"name": "a", "points": [[0, 0]]}]},
    {"lines": [{"name": "a", "points": [[0, 0], [0, 0]]}]},
    {"lines": [{"name": "", "points": [[0, 0], [1, 1]]}]},
    {"lines": [{"name": "a", "points": [[0, float("nan")], [1, 1]]}]},
    {"lines": [{"name": "a", "points": [[0, 0], [1, 7]]}]},
    {"zones": [{"name": "a", "kind": "war", "points": SQUARE}]},
    {"zones": [{"name": "a", "kind": "crowd", "points": SQUARE, "limit": 0}]},
    {"zones": [{"name": "a", "kind": "crowd", "points": SQUARE, "limit": True}]},
    {"zones": [{"name": "a", "kind": "crowd", "points": [[0, 0], [1, 1], [0.5, 0.5]]}]},
    {"zones": [{"name": "a", "kind": "crowd", "points": SQUARE}] * 2},
    {"lines": [{"name": str(n), "points": [[0, 0], [1, 1]]} for n in range(50)]},
]


@pytest.mark.parametrize("said", GARBAGE)
def test_what_cannot_be_meant_is_refused_with_words(said):
    with pytest.raises(BadMarks, match=r"\w+"):
        read_marks(said)


def test_marks_survive_their_json():
    said = {"lines": [line()], "zones": [zone("crowd", limit=7, seconds=9)]}
    assert marks_to_json(read_marks(marks_to_json(read_marks(said)))) == marks_to_json(read_marks(said))
    assert read_marks({}) == Marks()
