"""Doors for providers, and the desks of those who read and answer."""
