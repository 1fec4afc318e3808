"""The accounts this bank offers. An account keeps the terms it was opened under, whatever becomes of this table."""

from collections.abc import Mapping

from accounts.domain.chart import AccountKind
from accounts.domain.interest import Terms

PRODUCTS: Mapping[AccountKind, Terms] = {
    "savings": Terms(interest_bps=150),
    "current": Terms(overdraft_bps=990),
}
