"""The error of an action that is not possible."""

from django.utils.functional import Promise


class ActionRefused(Exception):
    """The action is not possible; `message` says why in the person's language, `field` names what is missing."""

    def __init__(self, message: str | Promise, field: str = "") -> None:
        super().__init__(str(message))
        # Kept lazy: the page that shows it may be in another language than the code that raised it.
        self.message, self.field = message, field
