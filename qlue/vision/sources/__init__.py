"""From an address to the newest frame: a process for each source, a slot for its frame, a watchdog outside."""
