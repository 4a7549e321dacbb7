"""An academy to try things with, in the embedded profile."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth import get_user_model
from django.db import connections, transaction

from academy.application.messaging.desk import DEFAULT_PRICES
from academy.application.ports.database import Database, Transaction
from academy.bootstrap.settings import Messages, Profile, Settings
from academy.domain.messaging.ledger import TransferKind
from academy.domain.messaging.settings import MessagingSettings
from academy.domain.tenant.tenant import Role
from academy.interfaces.api.configure import configure

__all__ = ["DEMO_TENANT", "DemoCredentials", "ensure_demo", "ensure_member"]

DEMO_TENANT = "demo"
DEMO_SENDER = "0200000000"
DEMO_WON = 100_000
_FILE = "demo-logins.json"
_NAMES = {
    Role.OWNER: "김원장",
    Role.TEACHER: "이선생",
    Role.STUDENT: "박학생",
    Role.PARENT: "최부모",
    Role.OPERATOR: "운영자",
}


@dataclass(frozen=True, slots=True)
class DemoCredentials:
    """Who may log in to the demo academy: password by user name; the user names are the roles."""

    tenant_id: str
    logins: dict[str, str]


def ensure_demo(settings: Settings, database: Database) -> DemoCredentials:
    """Make the demo academy with one user of each role, or find them; blocks, so call it in a thread.

    Passwords are drawn at random once and kept in the data folder, readable by its owner only. Raises ValueError outside the
    embedded profile.
    """
    if settings.profile is not Profile.EMBEDDED:
        raise ValueError("the demo academy belongs to the embedded profile")
    configure(settings)
    logins = _logins(settings.data_dir / _FILE)
    database.run_sync(lambda tx: tx.tenants.add(DEMO_TENANT, DEMO_TENANT, "데모 학원"))
    if settings.message_provider is Messages.CONSOLE:
        # Its number is nobody's: what is printed may bear it, what is sent may not.
        database.run_sync(_let_send)
    try:
        for role, name in _NAMES.items():
            ensure_member(DEMO_TENANT, role, role.value, logins[role.value], name)
    finally:
        # Nothing else will use this thread's connection.
        connections.close_all()
    return DemoCredentials(DEMO_TENANT, logins)


def _let_send(tx: Transaction) -> None:
    """Give the demo academy a sender and credit, once; what a person has changed since stays."""
    if tx.messaging.get(DEMO_TENANT) is None:
        tx.messaging.save(
            MessagingSettings(
                tenant_id=DEMO_TENANT,
                enabled=True,
                sender=DEMO_SENDER,
                kakao_channel="",
                alimtalk_first=True,
                prices=DEFAULT_PRICES,
                updated_at=tx.now(),
            )
        )
    if not tx.credits.statement(DEMO_TENANT, "", 1).items:
        tx.credits.transfer(DEMO_TENANT, TransferKind.TOP_UP, {"": DEMO_WON}, note="데모 충전")


def ensure_member(tenant_id: str, role: Role, username: str, password: str, name: str = "") -> str:
    """Make a user with this password and role, or bring an existing one into line; return their opaque id."""
    users = get_user_model()
    with transaction.atomic():
        user = users.objects.filter(username=username).first() or users.objects.create_user(
            username, password, name=name
        )
        # Checked first: hashing again would end every session of the user.
        if not user.check_password(password):
            user.set_password(password)
            user.save(update_fields=["password"])
        user.memberships.update_or_create(tenant_id=tenant_id, defaults={"role": role.value})
    return user.viewer


def _logins(path: Path) -> dict[str, str]:
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return kept
    fresh = {role.value: secrets.token_urlsafe(9) for role in _NAMES}
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(fresh, indent=2), encoding="utf-8")
    return fresh
