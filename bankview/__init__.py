"""Bankview owns nothing: it shows a customer's whole bank, from the others' events or by asking them."""
