"""The public pages of reports, one file per page."""
