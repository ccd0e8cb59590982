"""Recommendations: options with their evidence, their order, and the measured effect of what was decided."""
