"""Devices as people write them: CSV tables, thresholds as text, and the reasons why a value cannot be taken."""
