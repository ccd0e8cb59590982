"""From tracks to what a city wants to know: pure functions, each takes its state and returns the next one."""
