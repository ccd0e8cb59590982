"""What insight keeps, by what it is about."""
