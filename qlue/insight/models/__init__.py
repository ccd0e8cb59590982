"""What insight keeps, by what it is about."""

from qlue.insight.models.policy import Decision, Forecast, HotSpot, Intervention, Option, Run

__all__ = ["Decision", "Forecast", "HotSpot", "Intervention", "Option", "Run"]
