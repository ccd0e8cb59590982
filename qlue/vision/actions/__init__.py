"""The verbs of cameras: register, lease, count, tell and judge."""

from qlue.vision.actions.cameras import keep_camera, keep_marks, set_active
from qlue.vision.actions.judging import judge

__all__ = ["judge", "keep_camera", "keep_marks", "set_active"]
