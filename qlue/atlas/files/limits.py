"""What an uploaded file may be at most. A city's largest list of facilities fits many times."""

MOST_BYTES = 25_000_000  # of the file
MOST_UNPACKED = 120_000_000  # bytes that a workbook or a Parquet file may become
MOST_PARTS = 2_000  # files in a workbook
MOST_ROWS = 50_000
MOST_COLUMNS = 100
MOST_CELL = 500  # characters; the rest is cut
MOST_TABLE = 60_000_000  # bytes of the table that comes out
MEMORY = 1_500_000_000  # bytes of address space of the child that parses
SECONDS = 30


class Unreadable(Exception):
    """The file is refused: `why` is a key of `intake.REASONS`, the rest are its values."""

    def __init__(self, why: str, **values: str | int) -> None:
        super().__init__(why)
        self.why, self.values = why, values
