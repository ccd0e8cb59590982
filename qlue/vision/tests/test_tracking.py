from qlue.vision.detection.boxes import KINDS, decode_output, suppress_overlaps
from qlue.vision.tests.making import box
from qlue.vision.tracking.tracker import MAX_UNSEEN_S, Tracker


def drive(tracker, steps, at=0.0):
    """Boxes per picture, five pictures a second; returns the tracks of each."""
    return [tracker.update(boxes, at + 0.2 * number) for number, boxes in enumerate(steps, 1)]


def test_one_car_stays_one_track_even_when_it_moves_further_than_its_length():
    seen = drive(Tracker(), [[box(0.1 + 0.07 * n, 0.5, wide=0.06)] for n in range(12)])
    assert {track.id for tracks in seen for track in tracks} == {1}


def test_a_car_that_the_detector_doubts_for_a_moment_keeps_its_track():
    steps = [[box(0.2 + 0.02 * n, 0.5, score=0.25 if n in (4, 5, 6) else 0.8)] for n in range(10)]
    assert {track.id for tracks in drive(Tracker(), steps) for track in tracks} == {1}


def test_doubtful_boxes_alone_begin_no_track():
    assert drive(Tracker(), [[box(0.5, 0.5, score=0.3)]] * 5)[-1] == []


def test_a_short_occlusion_keeps_the_track_a_long_one_ends_it():
    tracker = Tracker()
    drive(tracker, [[box(0.3, 0.5)]] * 4)
    assert [t.id for t in tracker.update([box(0.3, 0.5)], 0.8 + MAX_UNSEEN_S - 0.5)] == [1]
    assert [t.id for t in tracker.update([box(0.3, 0.5)], 9.0)] == [2]


def test_two_that_meet_and_part_are_still_two():
    steps = [[box(0.2 + 0.03 * n, 0.5, "person"), box(0.8 - 0.03 * n, 0.52, "person")] for n in range(20)]
    seen = drive(Tracker(), steps)
    assert all(len(tracks) == 2 for tracks in seen)
    assert {track.id for tracks in seen for track in tracks} == {1, 2}


def test_a_person_never_becomes_a_car():
    tracker = Tracker()
    drive(tracker, [[box(0.5, 0.5, "person")]] * 4)
    assert [track.id for track in tracker.update([box(0.5, 0.5, "car")], 1.0)] == [2]


def test_a_truck_that_is_sometimes_a_car_is_what_it_mostly_was():
    steps = [[box(0.5, 0.5, "car" if n == 3 else "truck")] for n in range(6)]
    assert [track.kind for track in drive(Tracker(), steps)[-1]] == ["truck"]


def test_time_that_goes_back_changes_nothing():
    tracker = Tracker()
    drive(tracker, [[box(0.5, 0.5)]] * 3)
    assert tracker.update([box(0.9, 0.9)], 0.1) == []


def test_the_networks_answer_is_read_where_it_is_sure():
    import numpy as np

    levels = [np.full((1, 50, 256 // stride, 416 // stride), -9, np.float32) for stride in (8, 16, 32)]
    kind = KINDS.index("bus")
    levels[1][0, kind, 4, 6] = 3.0  # a cell of stride 16: its middle is at (104, 72)
    for side, distance in enumerate((1, 2, 3, 4)):
        levels[1][0, 6 + 11 * side + distance, 4, 6] = 30.0
    corners, scores, kinds = decode_output(levels, min_score=0.5)
    assert corners.round().tolist() == [[104 - 16, 72 - 32, 104 + 48, 72 + 64]]
    assert kinds.tolist() == [kind]
    assert 0.95 < scores[0] < 0.96


def test_of_overlapping_boxes_the_surer_stays_and_a_truck_is_no_second_car():
    import numpy as np

    corners = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [0, 0, 10, 10]], np.float32)
    kinds = np.array([2, 5, 0])
    assert suppress_overlaps(corners, np.array([0.9, 0.8, 0.7], np.float32), kinds, 0.6) == [0, 2]
