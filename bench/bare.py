"""The least that a Django REST framework view of a database can do: one insert and one select.

Its URLs, and the settings' (`bench.bare_settings`) root: served as the bank is, so that only the view differs.
"""

from typing import Any

from django.db import connections
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

TABLE = "create table bench_bare (id bigint generated always as identity primary key, amount bigint not null)"


class Bare(APIView):
    authentication_classes = ()
    permission_classes = ()

    def post(self, request: Request) -> Response:
        data: Any = request.data
        with connections["accounts"].cursor() as cursor:
            cursor.execute("insert into bench_bare (amount) values (%s) returning id", (data["amount_minor"],))
            (id,) = cursor.fetchone()
            cursor.execute("select amount from bench_bare where id = %s", (id,))
            (stored,) = cursor.fetchone()
        return Response({"id": id, "amount_minor": stored}, status=201)


urlpatterns = [path("bare", Bare.as_view())]
