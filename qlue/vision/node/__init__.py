"""The process that reads cameras: an engine that analyses frames, and a thread that talks with the database."""
