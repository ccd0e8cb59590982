"""Which earlier report a new one repeats: candidates near it, features of each pair, a score, and its training."""
