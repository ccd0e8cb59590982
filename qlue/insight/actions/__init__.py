"""What changes insight's records, by what it is about."""
