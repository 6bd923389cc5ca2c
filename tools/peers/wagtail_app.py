"""Wagtail: its pages API over a tree of 1,352 pages beside the root. `python wagtail_app.py FOLDER PORT`."""

import sys
from pathlib import Path

import data
import django
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.urls import path

FOLDER, PORT = Path(sys.argv[1]), sys.argv[2]
WAGTAIL = ("admin", "api.v2", "contrib.redirects", "documents", "images", "search", "sites", "snippets", "users")
settings.configure(
    DEBUG=False,
    SECRET_KEY="only for the peers",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        *(f"wagtail.{name}" for name in WAGTAIL),
        "wagtail",
        "modelcluster",
        "taggit",
        "rest_framework",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
    ],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": FOLDER / "wagtail.sqlite3",
            "OPTIONS": {"init_command": "PRAGMA synchronous=OFF"},  # it is thrown away: no write need wait for the disk
        }
    },
    STATIC_URL="static/",
    WAGTAILAPI_LIMIT_MAX=1000,
    WAGTAIL_SITE_NAME="peers",
    WAGTAILADMIN_BASE_URL=f"http://127.0.0.1:{PORT}",
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
)
django.setup()

from wagtail.api.v2.router import WagtailAPIRouter  # noqa: E402  (needs the settings)
from wagtail.api.v2.views import PagesAPIViewSet  # noqa: E402
from wagtail.models import Page, Site  # noqa: E402

router = WagtailAPIRouter("wagtailapi")
router.register_endpoint("pages", PagesAPIViewSet)
urlpatterns = [path("api/v2/", router.urls)]


def fill() -> None:
    """The tree: the first page under the root is the site's own, all others stand below it."""
    home = Page.objects.get(depth=2)
    Site.objects.update(hostname="127.0.0.1", port=int(PORT), root_page=home)
    for nth, item in enumerate(data.items()):
        home.add_child(instance=Page(title=item["id"], slug=f"model-{nth}"))


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        fill()
    call_command("runserver", f"127.0.0.1:{PORT}", "--noreload", "--nothreading", "--skip-checks", verbosity=0)
