"""`academy doctor`: what is wrong and how to fix it."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from academy.interfaces.cli.console import EXIT_FAILED, out, print_json, settings_for

if TYPE_CHECKING:
    from academy.bootstrap.operator import Finding

__all__ = ["doctor"]


def doctor(
    media: Annotated[
        bool, typer.Option(help="Look at the tools of the video, AI and graph workers, too.")
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False,
) -> None:
    """Try everything the system needs and say how to fix what does not work.

    Settings, database and schema, queues, object store (a test object is written and removed), progress, the provider of text messages
    and what is left on our account with it, ffmpeg and its filters, the AI worker's libraries and fonts, the graph worker's
    libraries, vectors and models, disk space, clock: all at once, each with four seconds to answer.
    It also fails when something waits that nobody does: messages in the outbox without a relay, timers long past without a reconciler, a
    queue without its worker. An idle system in which none of them runs is well. Exits with 1 when something fails.

    Example: `academy doctor`, on an API machine `academy doctor --no-media`
    """
    import asyncio  # noqa: PLC0415
    from dataclasses import asdict  # noqa: PLC0415

    from academy.bootstrap.operator import diagnose  # noqa: PLC0415
    from academy.bootstrap.settings import Role  # noqa: PLC0415

    settings = settings_for(Role.API, create=False)
    if as_json:
        findings = asyncio.run(diagnose(settings, media=media))
        good = all(finding.ok for finding in findings)
        print_json({"ok": good, "profile": settings.profile.value, "findings": [asdict(f) for f in findings]})
        raise SystemExit(0 if good else EXIT_FAILED)
    backends = f"queue {settings.queue_backend}, objects {settings.objects_backend}"
    out.print(f"[green]✓[/] [bold]settings[/]  profile {settings.profile}, {backends}", soft_wrap=True)
    said: set[str] = set()

    def tell(finding: "Finding") -> None:
        mark = "[green]✓[/]" if finding.ok else "[bold red]✗[/]"
        out.print(f"{mark} [bold]{finding.what}[/]  {escape(finding.text)}", soft_wrap=True)
        if not finding.ok and finding.mend not in said | {""}:
            out.print(f"  → {escape(finding.mend)}", soft_wrap=True)
            said.add(finding.mend)

    good = all(finding.ok for finding in asyncio.run(diagnose(settings, media=media, tell=tell)))
    out.print("everything works" if good else "[bold red]not everything works[/]")
    raise SystemExit(0 if good else EXIT_FAILED)
