"""Joins a table with the city's areas: rows become figures or places, and a report says which do not fit and why."""
