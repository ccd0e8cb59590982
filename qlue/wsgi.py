"""What the web server serves."""

import os

from django.core.wsgi import get_wsgi_application

from qlue.runtime.processes import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qlue.settings")
if not os.environ.get("QLUE_SECRET_KEY"):  # with a key that everybody knows, everybody signs sessions and follow links
    raise SystemExit("QLUE_SECRET_KEY is not set: start Qlue with `qlue up`, or set it")
end_with_parent()
application = get_wsgi_application()
