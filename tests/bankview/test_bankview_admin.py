"""The console shows the view and the processes as readers see them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bankview import queries
from bankview.models import CustomerBankView, Process
from config.identity import logins

pytestmark = pytest.mark.django_db(databases=["default", "bankview"], transaction=True)


@pytest.fixture
def operator() -> Client:
    user = logins.ensure_operator("operator@bank.example", "correct-horse-battery")
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def begun(id: str, *, generation: int = 1, overdue: bool = False) -> None:
    now = timezone.now()
    Process.objects.create(
        id=id,
        generation=generation,
        name="debit-card-payment",
        correlation_id=uuid4(),
        started_at=now - timedelta(hours=1),
        deadline=now - timedelta(minutes=1) if overdue else now + timedelta(hours=1),
        outcome="",
        turned_version=1,
        heard_at=now,
    )


def test_only_the_generation_that_readers_see_is_shown(operator: Client) -> None:
    CustomerBankView.objects.create(
        customer_id="seen", generation=1, revision=1, mobile_number="+4915112345678", updated_at=timezone.now()
    )
    CustomerBankView.objects.create(
        customer_id="unseen", generation=2, revision=1, mobile_number="", updated_at=timezone.now()
    )
    page = operator.get(reverse("admin:bankview_customerbankview_changelist")).content.decode()
    assert "seen" in page
    assert "unseen" not in page
    assert operator.get(reverse("admin:bankview_customerbankview_change", args=["seen"])).status_code == 200


def test_overdue_processes_are_found_and_opened(operator: Client) -> None:
    on_time, too_late = str(uuid4()), str(uuid4())
    begun(on_time)
    begun(too_late, overdue=True)
    url = reverse("admin:bankview_process_changelist")
    overdue = operator.get(url, {"outcome": "overdue"}).content.decode()
    assert too_late in overdue
    assert on_time not in overdue
    assert operator.get(reverse("admin:bankview_process_change", args=[too_late])).status_code == 200


def test_overdue_processes_are_counted() -> None:
    begun(str(uuid4()))
    assert queries.overdue() == 0
    begun(str(uuid4()), overdue=True)
    begun(str(uuid4()), overdue=True, generation=2)
    assert queries.overdue() == 1
