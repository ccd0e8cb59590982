"""The verbs of cameras: register, lease, count, tell and judge."""

from qlue.vision.actions.cameras import Given, keep_camera, keep_marks, set_active
from qlue.vision.actions.judging import judge
from qlue.vision.rules.marks import read_marks
from qlue.vision.sources.address import Address

__all__ = ["Address", "Given", "judge", "keep_camera", "keep_marks", "read_marks", "set_active"]
