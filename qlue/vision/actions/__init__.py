"""What changes cameras, their leases, counts and events."""

from qlue.vision.actions.cameras import CameraInput, save_camera, save_marks, set_active
from qlue.vision.actions.verdicts import judge_event
from qlue.vision.rules.marks import read_marks
from qlue.vision.sources.address import Address

__all__ = ["Address", "CameraInput", "judge_event", "read_marks", "save_camera", "save_marks", "set_active"]
