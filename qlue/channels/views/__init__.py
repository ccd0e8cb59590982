"""Webhooks of providers, pages of residents, and the desks of those who answer."""
