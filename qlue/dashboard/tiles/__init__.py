"""The tiles of the dashboard's first page."""
