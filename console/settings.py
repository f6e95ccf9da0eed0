"""Settings. What differs between installations comes from the environment: see `.env.example`."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from typing import Any

from csp.constants import NONE, SELF

from console import environment, logs
from console.environment.read import PASSWORD_CHARACTERS
from console.environment.values import BASE_DIR

try:
    ENVIRONMENT = environment.read(os.environ)
except environment.BadValue as bad:
    sys.stderr.write(f"steward: {bad}\n")
    raise SystemExit(2) from None

# --- Steward itself ---

STEWARD_PUBLIC_URL = ENVIRONMENT.public_url
"""Base of every address we hand out, and the issuer of our tokens; no slash at the end."""
STEWARD_ENVIRONMENT = ENVIRONMENT.name
STEWARD_DATA_DIR = ENVIRONMENT.data_dir
STEWARD_SEALING_KEY_FILE = ENVIRONMENT.sealing_key_file
STEWARD_FIRST_ADMINISTRATOR = ENVIRONMENT.first_administrator
STEWARD_COMPAT_FRODO_DOUBLE_PORT = ENVIRONMENT.frodo_double_port
STEWARD_METRICS_TOKEN = ENVIRONMENT.metrics_token
STEWARD_SOURCES_ON_LOOPBACK = ENVIRONMENT.sources_on_loopback
STEWARD_TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies

MACHINE_PATHS = (
    *("/livez", "/readyz", "/metrics"),
    *("/am/", "/oauth/", "/openidm/", "/environment/", "/feature", "/.well-known/"),
    "/oauth_token.do",
)
"""Paths of programs: answered without middleware, see `console.wsgi`."""
MACHINE_URLCONF = "tokens.urls"
"""Their addresses, so that those of the pages are not looked through first."""
TOKEN_BODY_BYTES = 64 * 1024
"""Largest body that a machine path reads; a signed assertion has some 2 KiB."""

UPKEEP = [
    "accounts.audit.proof.actions.make_due",
    "console.credentials.jobs.send_waiting_offers",
    "console.jobs.upkeep.reclaim_lost_tasks",
    "console.jobs.upkeep.forget_old_tasks",
    "console.jobs.upkeep.forget_old_jobs",
    "console.jobs.upkeep.tidy_imports",
    "accounts.profiles.processing.upkeep.run",
    "accounts.sealing.upkeep.run",
    "accounts.groups.upkeep.end_what_ran_out",
    "accounts.requests.upkeep.run",
    "accounts.vault.upkeep.end_what_ran_out",
    "accounts.vault.upkeep.remind",
    "accounts.trusted_sessions.upkeep.end_what_is_over",
    "console.vault.mail.send_due",
    "accounts.inbox.upkeep.forget_old",
    "console.inbox.mail.send_due",
    "accounts.sign_in.jobs.ensure",
    "console.requests.mail.send_due",
    "accounts.sign_in_providers.upkeep.run",
    "accounts.takeovers.upkeep.run",
    "console.takeovers.mail.send_due",
    "console.sign_in.sessions.forget_ended",
    "console.mail.jobs.renew_due",
    "console.mail.jobs.send_due",
    "console.reminders.jobs.send_due",
    "tokens.access_tokens.upkeep.forget_used_assertions",
    "tokens.access_tokens.upkeep.forget_revoked_tokens",
    "tokens.doors.rest.upkeep.forget_old_calls",
    "tokens.reminders.upkeep.run",
    "tokens.usage.upkeep.forget_old_use",
]
"""Functions without arguments that the worker calls once a minute; each must be safe to repeat."""

# --- Django ---

SECRET_KEY = ENVIRONMENT.secret_key
DEBUG = False
ROOT_URLCONF = "console.urls"
WSGI_APPLICATION = "console.wsgi.application"
ALLOWED_HOSTS = ENVIRONMENT.hosts
AUTH_USER_MODEL = "accounts.Identity"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "accounts.apps.AccountsConfig",
    "tokens.apps.TokensConfig",
    "console.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # the fields that we do not draw ourselves
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "lucide",
]

MIDDLEWARE = [
    # first, so that every later line of the log and every event knows the request
    "console.ui.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "console.sign_in.sessions.SessionAgeMiddleware",
    "django.middleware.common.CommonMiddleware",
    "console.ui.middleware.WrongMethodMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # a view is behind sign-in unless it is marked as public
    "console.sign_in.interrupted.SignInRequiredMiddleware",
    "console.second_factors.required.SecondFactorMiddleware",
    # after it: who lacks a second factor as well sets that up first
    "console.profile.old_password.OldPasswordMiddleware",
    "console.vault.all_access.AllAccessMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    # last, as its documentation asks
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.ui.context.page",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
            # not found by itself, because it lies in a slice and not in the app
            "libraries": {"ui": "console.ui.templatetags.ui"},
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": ENVIRONMENT.database}
CACHES = {"default": ENVIRONMENT.cache}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["console.ui.uploads.FileWhereTaken"]
FILE_UPLOAD_TEMP_DIR = str(ENVIRONMENT.data_dir)

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# --- Mail ---

EMAIL_BACKEND: str = ENVIRONMENT.mail["EMAIL_BACKEND"]
EMAIL_FILE_PATH: str = ENVIRONMENT.mail.get("EMAIL_FILE_PATH", "")
EMAIL_HOST: str = ENVIRONMENT.mail.get("EMAIL_HOST", "localhost")
EMAIL_PORT: int = ENVIRONMENT.mail.get("EMAIL_PORT", 25)
EMAIL_HOST_USER: str = ENVIRONMENT.mail.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD: str = ENVIRONMENT.mail.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS: bool = ENVIRONMENT.mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL: bool = ENVIRONMENT.mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.mail_from
EMAIL_SUBJECT_PREFIX = ""

# --- Static files ---

STATIC_URL = "/static/"
STATIC_ROOT = ENVIRONMENT.data_dir / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("map", "png", "woff2", "gz")
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- Sign-in ---

LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
AUTHENTICATION_BACKENDS = [
    # first: it refuses whoever is locked out before a password is looked at
    "axes.backends.AxesStandaloneBackend",
    "console.sign_in.backends.PasswordBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATION = "django.contrib.auth.password_validation"
# no rules about kinds of characters (ASVS 6.2.5), nor Django's likeness to one's name: it compares
# letters without their order, and refuses what nobody could explain
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": f"{_VALIDATION}.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_CHARACTERS},
    },
    {"NAME": "accounts.identities.passwords.NoLongerThan"},
    {"NAME": "accounts.identities.passwords.NotOnlyOurWords"},
    {
        "NAME": "accounts.identities.passwords.NotGuessedFirst",
        "OPTIONS": {"from_length": PASSWORD_CHARACTERS},
    },
]

ACCOUNT_ADAPTER = "console.sign_in.adapter.ClosedSignUpAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "user_name"
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_UNIQUE_EMAIL = False
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGIN_TIMEOUT = 15 * 60
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if ENVIRONMENT.is_https else "http"
# by address alone: counted by name, anybody could keep anybody out; axes counts by both
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "30/m/ip",
    "reset_password": "10/m/ip,60/h/ip",
    # the key is a person and a source: who may name hosts and ports could else look for open ones
    "try_source": "10/m/key,20/m/user,120/h/user",
    # names that mean nobody: who may list no people could else find out who there is
    "name_person": "10/m/user,30/h/user",
    # each mail brings five tries at six digits
    "trusted_session_code": "5/h/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = ENVIRONMENT.trusted_proxies

MFA_ADAPTER = "accounts.second_factors.adapter.SealingAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# whoever signs in with a passkey alone proves a PIN, a finger or a face to it: that is two factors
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RECOVERY_CODE_COUNT = 10
MFA_RECOVERY_CODE_DIGITS = 12
# ours asks instead, see `console.ui.step_up`
MFA_REAUTHENTICATION_REQUIRED = False

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
# by both: an address alone would lock out an office, a name alone would let anyone lock out anyone
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "console.sign_in.lockout.user_name_of"
AXES_HANDLER = "console.sign_in.lockout.FormlessHandler"
AXES_LOCKOUT_CALLABLE = "console.sign_in.lockout.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "console.sign_in.adapter.client_address"
# its lines in the log would name the path, which may be a secret link
AXES_CLIENT_STR_CALLABLE = "console.sign_in.lockout.client_in_log"
AXES_ENABLE_ADMIN = False
# our own audit log says more
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# --- Browser security ---

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

# a name with __Host- makes the browser itself insist on https, this host and the whole path
_COOKIE_PREFIX = "__Host-" if ENVIRONMENT.is_https else ""
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}steward_session"
SESSION_ENGINE = "accounts.sessions.store"
# the most that a tenant can set; `accounts.sign_in.rules` says when a session ends
SESSION_COOKIE_AGE = 24 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = ENVIRONMENT.is_https
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}steward_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = ENVIRONMENT.is_https
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.public_url]
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"

if ENVIRONMENT.is_https:
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
if ENVIRONMENT.trusted_proxies:
    # only a proxy can have said so: the outermost one must set the header itself
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = ENVIRONMENT.is_https
SILENCED_SYSTEM_CHECKS = [
    # whether all subdomains of the installation's domain speak https is not for us to say
    "security.W005",
    "security.W021",
    # user names are kept apart by `user_name_key`, which is unique
    "auth.W004",
]

LOGGING = logs.config(ENVIRONMENT.log_level)
