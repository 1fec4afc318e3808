"""Processes which Customers begins."""

from datetime import timedelta

from bank.saga import Choreography, Step

# Nothing is undone: nobody remembers on request. Every context waits for its outbox, so the deadline is as long as a
# broker may be away without anybody being called.
CUSTOMER_ERASURE = Choreography(
    name="customer-erasure",
    starts="customers.CustomerErasureRequested.v1",
    steps=(
        Step("accounts.AccountHolderErased.v1"),
        Step("cards.CardholderErased.v1"),
        Step("loans.BorrowerErased.v1"),
    ),
    ends={"customers.ErasureCertified.v1": "erased"},
    deadline=timedelta(hours=1),
)
