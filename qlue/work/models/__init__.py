"""What QlueWork keeps, by what it is about."""

from qlue.work.models.notices import Notice, Seen

__all__ = ["Notice", "Seen"]
