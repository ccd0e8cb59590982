"""Errors whose message is meant for the person at the keyboard."""


class UserError(ValueError):
    """A file, a column or a history that does not serve; the message says what to mend."""
