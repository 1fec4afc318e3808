#!/usr/bin/env python
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if "ENGINE" not in str(error):
            raise
        from bank.runtime import home

        sys.exit(f"There is no bank in {home.path()}. Start it with `make run`, or set BANK_HOME to where it is.")


if __name__ == "__main__":
    main()
