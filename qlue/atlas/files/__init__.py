"""Uploaded files become plain tables here: parsed in a child process that may not use much of anything."""
