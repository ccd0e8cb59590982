"""From an address to the newest frame: one process per source, one slot for its picture, a watchdog outside."""
