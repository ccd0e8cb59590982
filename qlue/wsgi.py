"""What the web server serves."""

import os

from django.core.wsgi import get_wsgi_application

from qlue.kit.processes import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qlue.settings")
end_with_parent()
application = get_wsgi_application()
