"""How many reports will come: forecasts with intervals, by methods that the past has chosen."""
