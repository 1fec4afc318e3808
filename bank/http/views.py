"""The view every endpoint of the bank is made of: signed in, JSON only, problems for errors."""

from typing import Any

from rest_framework.request import Request
from rest_framework.views import APIView

from bank.http import problems
from bank.http.openapi import BankSchema
from bank.http.principal import AUTHENTICATION, Principal, SignedIn, principal_of
from bank.http.strict_json import JSONRenderer, StrictJSON


class BankView(APIView):
    """Deny by default. Give its methods `@command`, `@read` or `@listing`."""

    authentication_classes = AUTHENTICATION
    permission_classes = (SignedIn,)
    renderer_classes = (JSONRenderer,)
    parser_classes = (StrictJSON,)
    throttle_classes = ()
    schema = BankSchema()

    def principal(self, request: Request) -> Principal:
        return principal_of(request)

    def get_exception_handler(self) -> Any:
        return problems.handle
