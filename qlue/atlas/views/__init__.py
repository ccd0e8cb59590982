"""Pages of the city's data."""
