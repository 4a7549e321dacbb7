"""Set Django up without an environment, for tools that never answer a request."""

from pydantic import SecretStr

from academy.bootstrap.settings import Settings
from academy.interfaces.api.configure import configure

__all__ = ["configure_offline"]


def configure_offline() -> None:
    """Configure Django on a database in memory."""
    configure(Settings(secret_key=SecretStr("offline"), database_url=SecretStr("sqlite:///:memory:")))
