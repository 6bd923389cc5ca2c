"""Django REST framework: one list under each of its three paginations. `python drf_app.py FOLDER PORT`."""

import sys
from pathlib import Path

import data
import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection, models
from django.urls import path

FOLDER, PORT = Path(sys.argv[1]), sys.argv[2]
settings.configure(
    DEBUG=False,
    SECRET_KEY="only for the peers",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.contenttypes", "rest_framework"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "drf.sqlite3"}},
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from rest_framework import generics, pagination, serializers  # noqa: E402  (needs the settings)


class Model(models.Model):
    """One item."""

    id = models.CharField(primary_key=True, max_length=200)
    position = models.IntegerField(unique=True)
    license = models.CharField(max_length=100, null=True)

    class Meta:
        app_label = "peers"


class ModelSerializer(serializers.ModelSerializer):
    class Meta:
        model = Model
        fields = ("id", "license")


class LimitOffset(pagination.LimitOffsetPagination):
    default_limit, max_limit = 100, 1000


class PageNumber(pagination.PageNumberPagination):
    page_size, page_size_query_param, max_page_size = 100, "page_size", 1000


class Cursor(pagination.CursorPagination):
    page_size, page_size_query_param, max_page_size, ordering = 100, "page_size", 1000, "position"


def listed_by(paginator: type) -> object:
    """The view of the list under one pagination."""
    return generics.ListAPIView.as_view(
        queryset=Model.objects.order_by("position"), serializer_class=ModelSerializer, pagination_class=paginator
    )


urlpatterns = [
    path("limitoffset/models", listed_by(LimitOffset)),
    path("page/models", listed_by(PageNumber)),
    path("cursor/models", listed_by(Cursor)),
]

if __name__ == "__main__":
    with connection.schema_editor() as schema:
        schema.create_model(Model)
    Model.objects.bulk_create(
        Model(id=item["id"], position=nth, license=item["license"]) for nth, item in enumerate(data.items())
    )
    call_command("runserver", f"127.0.0.1:{PORT}", "--noreload", "--nothreading", "--skip-checks", verbosity=0)
