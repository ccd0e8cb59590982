"""What changes datasets and their versions. Runs in the city's scope; what becomes visible is recorded as an event."""

from qlue.atlas.actions.datasets import choose_version, create_dataset, describe_dataset, remove_dataset
from qlue.atlas.actions.drafts import (
    create_draft,
    discard_draft,
    import_table,
    preview_join,
    publish_draft,
    read_upload,
)

__all__ = [
    "choose_version",
    "create_dataset",
    "create_draft",
    "describe_dataset",
    "discard_draft",
    "import_table",
    "preview_join",
    "publish_draft",
    "read_upload",
    "remove_dataset",
]
