"""Reports of another system, from a file: streamed, restartable, idempotent. Entered by `qlue import reports` only."""
