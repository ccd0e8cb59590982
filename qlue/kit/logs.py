"""What no log may keep: addresses that open something to whoever has them."""

import logging
import re

# Follow links, links of authorities outside, push and new passwords: `…/ikuti/<32 hex digits>/`, `…/sandi/baru/<key>/`.
SECRET = re.compile(r"(?<=/)[0-9a-f]{32}(?=/|$|\s|\?)|(?<=/sandi/baru/)[^/\s]+|(?<=[?&]kunci=)[0-9a-f]+")


class RedactSecrets(logging.Filter):
    """Replaces secrets in every record; Django logs the whole path of a refused request."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if SECRET.search(message):
            record.msg, record.args = SECRET.sub("…", message), ()
        return True
