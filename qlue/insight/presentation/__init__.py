"""What insight's pages say of its records."""
