"""`academy migrate`: bring the database up to date."""

from academy.interfaces.cli.console import out, settings_for

__all__ = ["migrate"]


def migrate() -> None:
    """Bring the database up to date: the business tables, then users and permissions.

    Safe to run again, and from several machines at once: one migrates, the others wait and find it done. Run it before new
    processes start.

    Example: `academy migrate`
    """
    from academy.bootstrap.settings import Role  # noqa: PLC0415
    from academy.interfaces.cli.together import migrate_all  # noqa: PLC0415

    before, after = migrate_all(settings_for(Role.API))
    change = "is up to date" if before == after else f"went from {before or 'empty'} to {after}"
    out.print(f"the database {change}; users and permissions are up to date")
