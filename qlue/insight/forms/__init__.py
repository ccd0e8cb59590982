"""Forms of insight, by what they are about."""
