"""From readings to alarms: the rules, the watch that applies them, and the case that an alarm opens."""
