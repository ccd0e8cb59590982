"""Where the tables of uploaded files lie until their version goes."""

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from qlue.atlas.files.table import Table, pack_table, unpack_table
from qlue.atlas.models import Version


def table_path(version: Version) -> str:
    """The name of the version's table in the storage."""
    return f"atlas/{version.city_id}/{version.id}.jsonl.gz"


def store_table(version: Version, table: Table) -> None:
    """Stores the table as it was read; what its columns mean is said later, and may be said anew."""
    default_storage.save(table_path(version), ContentFile(pack_table(table)))


def stored_table(version: Version) -> Table:
    """The table as it was read from the file."""
    with default_storage.open(table_path(version)) as file:
        return unpack_table(file.read())
