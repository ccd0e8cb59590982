"""What no log may keep: addresses whose last part opens something."""

import logging
import re

# Follow links, links of authorities outside, push and new passwords: `…/ikuti/<32 hex digits>/`, `…/sandi/baru/<key>/`.
SECRET = re.compile(r"(?<=/)[0-9a-f]{32}(?=/|$|\s|\?)|(?<=/sandi/baru/)[^/\s]+|(?<=[?&]kunci=)[0-9a-f]+")


class WithoutSecrets(logging.Filter):
    """Takes them out of what is about to be written; refusals of Django name the whole path."""

    def filter(self, record: logging.LogRecord) -> bool:
        told = record.getMessage()
        if SECRET.search(told):
            record.msg, record.args = SECRET.sub("…", told), ()
        return True
