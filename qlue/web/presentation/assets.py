"""Names of built front-end files: what a template calls `public.css` is `public-3fa9.css` on disk."""

import json
import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.templatetags.static import static

BUILT = Path(__file__).parent.parent / "static" / "built"
log = logging.getLogger(__name__)


def asset_url(name: str) -> str:
    """URL of a built file. A page without its styles is better than no page, so a missing build only logs."""
    file_name = built_files().get(name)
    if not isinstance(file_name, str):
        _log_missing(name)
        return _url(f"built/NOT-BUILT/{name}")
    return _url(f"built/{file_name}")


def island_urls(name: str) -> list[str]:
    """URLs of the script files that an island loads, for `modulepreload`; empty when it was not built."""
    islands = built_files().get("islands", {})
    return [_url(f"built/{file}") for file in islands.get(name, [])]


def built_icons() -> frozenset[str]:
    """Names of the icons in the built sprite."""
    return frozenset(built_files().get("icons", []))


def built_files() -> dict[str, Any]:
    """The table that `npm run build` writes; {} when there is none.

    A process keeps the table it read first: the web server knows the files of that build, not those of a later one.
    """
    path = BUILT / "assets.json"
    try:
        # While developing, a new build counts at once.
        return _read_file_table(path, path.stat().st_mtime_ns if settings.DEBUG else 0)
    except (OSError, ValueError):
        return {}


_url = lru_cache(maxsize=256)(static)  # a page asks for the same few addresses hundreds of times


@lru_cache(maxsize=2)
def _read_file_table(path: Path, _modified_ns: int) -> dict[str, Any]:
    files = json.loads(path.read_text(encoding="utf-8"))
    # A half-written or foreign file must count as no build, not break every page.
    if not isinstance(files, dict):
        raise ValueError(f"{path}: not a table of file names")
    return files


# Cached: once per file and process, or a missing build would fill the log.
@lru_cache(maxsize=32)
def _log_missing(name: str) -> None:
    log.error("front end not built: %s is not in %s; run `make setup`", name, BUILT / "assets.json")
