"""The data directory: what the embedded runtime must remember from one start to the next, for its owner's eyes only."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bank.runtime.databases import CONTEXTS

SECRETS = (
    "DJANGO_SECRET_KEY",
    "BANK_MASTER_KEYS",
    "BANK_MASTER_KEY_ID",
    "BANK_BLIND_INDEX_KEY",
    "BANK_MESSAGE_KEYS",
    "BANK_SERVICE_KEYS",
    "BANK_OIDC_PRIVATE_KEY",
    "BANK_OPERATOR_PASSWORD",
    "BANK_CUSTOMER_PASSWORD",
    "BANK_DEMO_CLIENT_SECRET",
)
PROJECT = Path(__file__).resolve().parents[2]


def path() -> Path:
    return Path(os.environ.get("BANK_HOME") or PROJECT / ".bank").resolve()


def new_secrets() -> dict[str, str]:
    """Every secret a bank of one's own needs, as the environment variables that settings read."""
    values = (
        secrets.token_urlsafe(48),
        f"k1:{_key()}",
        "k1",
        _key(),
        _key_per_context(),
        _key_per_context(),
        _rsa_key(),
        secrets.token_urlsafe(12),
        secrets.token_urlsafe(12),
        secrets.token_urlsafe(24),
    )
    return dict(zip(SECRETS, values, strict=True))


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _key_per_context() -> str:
    return ",".join(f"{context}:{_key()}" for context in CONTEXTS)


def _rsa_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem.decode()


def write(name: str, values: Mapping[str, object]) -> None:
    """Replace a file whole, readable by nobody else."""
    home = path()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = home / f"{name}.unfinished"
    with open(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        json.dump(values, file, indent=1)
    unfinished.rename(home / name)


def read(name: str) -> dict[str, str]:
    """What was written, or nothing."""
    try:
        values: dict[str, str] = json.loads((path() / name).read_text())
    except FileNotFoundError:
        return {}
    return values


def load_environment(runtime: str = "embedded") -> None:
    """Let a command in a second terminal find the bank that `up` runs; what the environment already says wins."""
    values = read("environment.json")
    if values.get("BANK_RUNTIME") == runtime:
        for name, value in values.items():
            os.environ.setdefault(name, value)
