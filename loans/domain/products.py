"""The loans this bank offers. A loan keeps the terms it was applied for under, whatever becomes of this table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """`rate_bps` is the nominal annual rate in hundredths of a percent; limits are in the loan's own currency.

    Above `four_eyes_above_minor` a second operator approves. Whoever is late pays `late_fee_minor` once per instalment,
    and on the principal past due `penalty_bps` a year.
    """

    rate_bps: int
    min_term_months: int
    max_term_months: int
    min_principal_minor: int
    max_principal_minor: int
    four_eyes_above_minor: int
    late_fee_minor: int
    penalty_bps: int


PRODUCTS = {
    "home": Product(350, 60, 480, 10_000_00, 2_000_000_00, 250_000_00, 25_00, 500),
    "vehicle": Product(590, 6, 96, 1_000_00, 150_000_00, 50_000_00, 15_00, 500),
    "education": Product(290, 6, 180, 500_00, 100_000_00, 25_000_00, 5_00, 250),
    "personal": Product(890, 3, 84, 500_00, 75_000_00, 25_000_00, 10_00, 500),
}
