"""What pages and files show of the city's data."""
