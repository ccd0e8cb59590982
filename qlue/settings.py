"""All settings, in one file. The environment says only what differs per machine (docs/production.md)."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from qlue.runtime.roles import app_url, django_database

HOME = Path(os.environ.get("QLUE_HOME", Path.home() / ".qlue"))
PACKAGE = Path(__file__).parent
ROOT = PACKAGE.parent
DEBUG = False
SECRET_KEY = os.environ.get("QLUE_SECRET_KEY", "only-for-building-and-tests")
HOSTS = os.environ.get("QLUE_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
ALLOWED_HOSTS = HOSTS
HTTPS = os.environ.get("QLUE_HTTPS", "") == "1"
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in HOSTS] if HTTPS else []
# Addresses of proxies whose X-Forwarded-For is trusted.
TRUSTED_PROXIES = frozenset(filter(None, os.environ.get("QLUE_TRUSTED_PROXIES", "").split(",")))
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
PUBLIC_URL = os.environ.get("QLUE_PUBLIC_URL") or f"{'https' if HTTPS else 'http'}://{HOSTS[0]}"  # for links in mail
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

INSTALLED_APPS = [
    "qlue.kit",
    "qlue.web",
    "qlue.cities",
    "qlue.timeline",
    "qlue.people",
    "qlue.atlas",
    "qlue.reports",
    "qlue.vision",
    "qlue.things",
    "qlue.work",
    "qlue.channels",
    "qlue.insight",
    "qlue.dashboard",
    "qlue.demo",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "qlue.web.middleware.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "qlue.kit.http.AddressMiddleware",
    "qlue.kit.http.BodyLimitMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "qlue.people.middleware.session_unless_api",
    "qlue.cities.middleware.CityMiddleware",
    "qlue.people.middleware.MemberMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "qlue.kit.http.UniqueViolationMiddleware",
]

# Skipped for API requests, which have no session (qlue.people.middleware.session_unless_api).
PEOPLE_MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "qlue.urls"
WSGI_APPLICATION = "qlue.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "qlue.web.presentation.shell.shell",
            ],
            "builtins": ["django.templatetags.i18n", "qlue.web.templatetags.ui"],
        },
    }
]

# The database: the owner's URL serves migrations, the app's role serves everything else.
DATABASE_URL = os.environ.get("QLUE_DATABASE_URL", "postgresql://qlue_owner@/qlue")
APP_DATABASE_URL = os.environ.get("QLUE_APP_DATABASE_URL") or app_url(DATABASE_URL, SECRET_KEY)
IS_OWNER = os.environ.get("QLUE_ROLE") == "owner"


POOL = {"min_size": 1, "max_size": int(os.environ.get("QLUE_POOL", "16")), "timeout": 10}
_options: dict[str, object] = {"server_side_binding": True, "prepare_threshold": 2}
if IS_OWNER:  # short-lived commands
    DATABASES = {"default": django_database(DATABASE_URL, _options)}
else:
    DATABASES = {"default": django_database(APP_DATABASE_URL, {**_options, "pool": POOL})}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Followers of the timeline, in the order in which each round runs them (qlue/timeline/follow/loop.py).
FOLLOWERS = {
    "reactions": "qlue.reactions.handle",
    "cells": "qlue.reports.actions.map_cells.update_map_cells",
    "rollups": "qlue.dashboard.rollups.follower.update_rollups",
    "scores": "qlue.work.actions.scores.handle",
}
# Named here, because reports and things may not import the rooms above them.
GUESS_CATEGORY = "qlue.insight.sorting.suggestions.suggest_categories"  # called where a form came without category
SENSOR_DEMO = "qlue.demo.sensors"  # made-up devices, for `qlue things load` and `qlue things simulate`
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "qlue.people.accounts.adapter.ClosedSignup"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

LANGUAGE_CODE = "id"
LANGUAGES = [("id", _("Indonesian")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Jakarta"
FORMAT_MODULE_PATH = ["qlue.web.formats"]

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 31_536_000
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": HOME / "files"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
DATA_UPLOAD_MAX_NUMBER_FILES = 20
WEB_THREADS = int(os.environ.get("QLUE_WEB_THREADS", "8"))
BODY_LIMIT = 60_000_000  # bytes of one request: five photos as phones make them

# Where browsers find the live stream; `{host}` becomes the request's host name.
LIVE_URL = os.environ.get("QLUE_LIVE_URL", "http://{host}:8001/live")

# smtp://user:password@host:587 (STARTTLS) or smtps://...; without it no mail leaves.
_mail = urlsplit(os.environ.get("QLUE_MAIL_URL", ""))
EMAIL_HOST = _mail.hostname or ""
EMAIL_PORT = _mail.port or (465 if _mail.scheme == "smtps" else 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.scheme == "smtps", _mail.scheme == "smtp" and bool(_mail.username)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("QLUE_MAIL_FROM", "qlue@localhost")

# `host:port` of gateways in the own network that may be called for photos, push and SMS, besides the providers' hosts.
MEDIA_HOSTS = tuple(filter(None, os.environ.get("QLUE_MEDIA_HOSTS", "").split(",")))
CSRF_FAILURE_VIEW = "qlue.web.views.pages.csrf_failure"
SILENCED_SYSTEM_CHECKS = ["models.W042"]
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# Where to report a weakness (mailto: or https:), for /.well-known/security.txt.
SECURITY_CONTACT = os.environ.get("QLUE_SECURITY_CONTACT", "")

# Off only for benches, whose requests all come from one address.
RATE_LIMITS = os.environ.get("QLUE_RATE_LIMITS", "1") == "1"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"without_secrets": {"()": "qlue.kit.logs.RedactSecrets"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_secrets"]}},
    # A request with an unknown Host is refused with a 400; a traceback for each would flood the log.
    "loggers": {"django.security.DisallowedHost": {"level": "CRITICAL"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("QLUE_LOG", "WARNING")},
}
