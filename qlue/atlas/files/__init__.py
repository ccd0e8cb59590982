"""Uploaded files become plain tables: parsed in a child process under limits of memory, time and output."""
