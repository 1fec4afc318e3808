"""What the API takes and shows."""

from typing import Any, get_args

from django.core.validators import EmailValidator
from rest_framework import serializers

from bank.http.schemas import Body, Text
from customers import queries
from customers.contact import e164
from customers.domain.customer import KYC_REASONS, SUSPENSION_REASONS
from customers.domain.customer.facts import Kyc, Status


class Email(Text):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, validators=[EmailValidator()], **kwargs)


class MobileNumber(Text):
    """With its country code; however it is written, it is kept in E.164."""

    def to_internal_value(self, data: Any) -> str:
        try:
            return e164(super().to_internal_value(data))
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error


# Bodies.


class OpenCustomerBody(Body):
    name = Text()
    email = Email()
    mobile_number = MobileNumber(help_text="With the country code: +356 9912 3456.")


class ChangeCustomerBody(Body):
    name = Text(required=False)
    email = Email(required=False)
    address = Text(required=False)


class ChangeMobileNumberBody(Body):
    mobile_number = MobileNumber(help_text="With the country code: +356 9912 3456.")


class KycBody(Body):
    status = serializers.ChoiceField(("verified", "rejected"))
    reason = serializers.ChoiceField(tuple(KYC_REASONS), required=False, help_text="Of a rejection, which needs one.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["status"] == "rejected") != ("reason" in attrs):
            raise serializers.ValidationError({"reason": ["A rejection has a reason, and nothing else has."]})
        return attrs


class SuspendBody(Body):
    reason = serializers.ChoiceField(tuple(SUSPENSION_REASONS))


class ConfirmMobileNumberBody(Body):
    mobile_number = MobileNumber(help_text="The one the code was asked for.")
    code = serializers.RegexField(r"^[0-9]{6}$", help_text="The six digits that were sent to it.")


class ConsentBody(Body):
    notices = serializers.BooleanField(help_text="Whether to be told by e-mail of payments, bills and loans.")


class CustomerFilter(Body):
    mobile_number = MobileNumber(required=False, help_text="Whoever has this number; nobody else.")


# Answers.

STATUSES = get_args(Status)
KYC = get_args(Kyc)


class CustomerOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField()
    mobile_number = serializers.CharField(help_text="E.164.")
    address = serializers.CharField(allow_blank=True)
    opened_on = serializers.DateField()
    status = serializers.ChoiceField(STATUSES)
    kyc = serializers.ChoiceField(KYC, help_text="Whether the bank knows who this is.")
    kyc_reason = serializers.ChoiceField(tuple(KYC_REASONS), allow_null=True, help_text="Why it was rejected.")
    version = serializers.IntegerField()


class ConsentOut(serializers.Serializer[Any]):
    notices = serializers.BooleanField(help_text="What concerns security is told in any case.")


class ErasureOut(serializers.Serializer[Any]):
    """An erasure, and once it is certified its certificate."""

    customer_id = serializers.UUIDField()
    requested_at = serializers.DateTimeField()
    certified_at = serializers.DateTimeField(allow_null=True, help_text="Null until all have forgotten.")
    covered = serializers.ListField(
        child=serializers.CharField(),
        help_text="The contexts that have blanked what they show and destroyed the key.",
    )


def erasure_out(erasure: queries.ErasureRow) -> dict[str, Any]:
    return {
        "customer_id": erasure.pk,
        "requested_at": erasure.requested_at,
        "certified_at": erasure.certified_at,
        "covered": [context for context in erasure.covered.split(",") if context],
    }


def customer_out(customer: queries.CustomerRow) -> dict[str, Any]:
    return {
        "id": customer.pk,
        "name": customer.name,
        "email": customer.email,
        "mobile_number": customer.mobile_number,
        "address": customer.address,
        "opened_on": customer.opened_on,
        "status": customer.status,
        "kyc": customer.kyc,
        "kyc_reason": customer.kyc_reason or None,
        "version": customer.version,
    }
