"""Frozen record types of insight, and its errors."""
