"""The process that reads cameras: an engine that looks, an office that talks with the database."""
