"""From tracks to crossings, stays, crowds and congestion: pure functions that take a state and return the next one."""
