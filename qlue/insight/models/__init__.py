"""What insight stores."""

from qlue.insight.models.policy import Decision, Forecast, HotSpot, Intervention, Option, Run
from qlue.insight.models.sorting import Hint, TrainedModel

__all__ = ["Decision", "Forecast", "Hint", "HotSpot", "Intervention", "Option", "Run", "TrainedModel"]
