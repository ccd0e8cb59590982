"""Limits of an uploaded file. A city's largest list of facilities fits in many times."""

MAX_BYTES = 25_000_000  # of the file
MAX_UNPACKED = 120_000_000  # bytes that a workbook or a Parquet file may become
MAX_ARCHIVE_PARTS = 2_000  # files in a workbook
MAX_ROWS = 50_000
MAX_COLUMNS = 100
MAX_CELL = 500  # characters; the rest is cut
MAX_TABLE = 60_000_000  # bytes of the table that comes out
MEMORY = 1_500_000_000  # bytes of address space of the child that parses
SECONDS = 30


class UnreadableFile(Exception):
    """The file is refused: `reason` is a key of `table.REFUSAL_MESSAGES`, `values` fill its message."""

    def __init__(self, reason: str, **values: str | int) -> None:
        super().__init__(reason)
        self.reason, self.values = reason, values
