"""Devices and alarms as pages show them."""
