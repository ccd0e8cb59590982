"""The desk of the city's data, one file per page."""
