"""Reports out of the house as files."""
