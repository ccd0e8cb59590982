"""Reads of the sensors' room: devices and their state, series, alarms, silences, refusals."""
