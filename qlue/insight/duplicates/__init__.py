"""Which earlier report a new one repeats: candidates near it, features of the pair, a score, and how good that is."""
