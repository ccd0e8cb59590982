"""The weekly brief: figures of a calendar week as a page, as a PDF, and by mail to those who want it."""
