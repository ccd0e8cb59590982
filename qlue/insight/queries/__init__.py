"""Reading what insight keeps, by what it is about."""
