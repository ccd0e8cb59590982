"""What a move says when it is not possible."""

from django.utils.functional import Promise


class Refused(Exception):
    """The move is not possible; `message` says why in the person's language, `field` names what is missing."""

    def __init__(self, message: str | Promise, field: str = "") -> None:
        super().__init__(str(message))
        self.message, self.field = message, field
