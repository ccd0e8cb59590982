"""Where a report stands on its way, as its page draws it."""

import pytest

from qlue.reports.presentation.history import progress_steps
from qlue.reports.states import COLOURS


@pytest.mark.parametrize(
    ("status", "places"),
    [
        ("received", ["here", "next", "next", "next"]),
        ("on_hold", ["done", "here", "next", "next"]),
        ("reopened", ["done", "here", "next", "next"]),
        ("resolved", ["done", "done", "here", "next"]),
        ("confirmed", ["done", "done", "done", "done"]),
        ("rejected", []),
        ("merged", []),
    ],
)
def test_the_way_says_where_a_report_stands(status, places):
    assert [step.place for step in progress_steps(status)] == places


def test_every_state_has_a_way_or_ended_without_work():
    without = {status for status in COLOURS if not progress_steps(status)}
    assert without == {"rejected", "merged", "handed_over", "unserved"}
