"""Hours and days of every series of readings."""
