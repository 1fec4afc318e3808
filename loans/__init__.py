"""Loans owns applications, schedules and repayments."""
