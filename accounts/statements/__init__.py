"""Statements of account: one value, shown as JSON, CSV, PDF and ISO 20022 camt.053."""
