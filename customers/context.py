"""Everything Customers decides and shows. It hears nobody."""

from bank.context import Context
from customers.domain.customer import CUSTOMER
from customers.domain.mobile import MOBILE
from customers.projections import CONTACTS

CUSTOMERS = Context(
    name="customers",
    deciders=(CUSTOMER, MOBILE),
    inline_projections=(CONTACTS,),
)
