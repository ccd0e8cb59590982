"""The verbs of insight, by what they are about."""
