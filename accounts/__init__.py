"""Accounts owns money: savings and current accounts, holds, transfers, the general ledger."""
