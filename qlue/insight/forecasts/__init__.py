"""How many reports will come: forecasts with intervals, each by the method that did best on the past."""
