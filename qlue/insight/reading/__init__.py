"""What insight shows, by what it is about."""
