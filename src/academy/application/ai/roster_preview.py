"""Import of a roster's spreadsheet: a preview that changes nothing, then the same for good (XLS-1).

Whatever the file is, only a process of its own decodes it; the worker sees plain rows.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from academy.application.academics.asker import Asker
from academy.application.academics.people import People
from academy.application.academics.roster import Roster
from academy.application.academics.roster_outcome import RosterPreview, SheetChoice
from academy.application.academics.roster_sheet import RosterSheet
from academy.application.ai.files import DOCUMENT_MISSING, DocumentFiles, MadeFile
from academy.application.ai.following import ScoresFollow
from academy.application.ai.roster_fence import NotApplied, apply_once, refuse_applied
from academy.application.ai.roster_report import choice_of, report_of
from academy.application.ai.sheet_dump import DumpReader
from academy.application.errors import Refused, WorkFailed
from academy.application.jobs.attempt import Work
from academy.application.jobs.children import Children
from academy.application.jobs.job_type import JobTypes
from academy.application.ports.database import Database, Transaction
from academy.contracts.ai import ApplyRoster, PreviewRoster, RosterApplied, RosterPreviewed
from academy.contracts.children.sheets import BookRead, ReadBook
from academy.domain.document.document import DocumentPurpose

__all__ = ["RosterApplyHandler", "RosterPreviewHandler"]

T = TypeVar("T")

ENTRY = "academy.bootstrap.children.spreadsheets:read_book"
_JSON = "application/json"


class _RosterHandler:
    def __init__(
        self, database: Database, files: DocumentFiles, children: Children, new_id: Callable[[], str]
    ) -> None:
        """Take rows, files, processes and a maker of ids."""
        self._database = database
        self._files = files
        self._children = children
        follow = ScoresFollow()
        self._roster, self._people = Roster(new_id, follow), People(new_id, follow)

    async def _read(self, work: Work, document_id: str, folder: Path) -> tuple[RosterSheet, bytes]:
        """Return the use case over what the file holds, and the file."""
        work.report("fetch", 0.0)
        source = await self._files.fetch(work, document_id, folder)
        dump = folder / "dump"
        dump.mkdir()
        request = ReadBook(source=str(source), folder=str(dump))
        await self._children.call(work, ENTRY, request, BookRead)
        return RosterSheet(DumpReader(dump), self._roster, self._people), source.read_bytes()


class RosterPreviewHandler(_RosterHandler):
    """The handler of `excel_parsing`."""

    async def run(self, work: Work) -> RosterPreviewed:
        """Say what would come of a file, and keep that. Raises WorkFailed."""
        wish = work.payload
        assert isinstance(wish, PreviewRoster)
        choice = SheetChoice(sheet=wish.sheet or None)
        async with self._files.folder(work) as folder:
            sheet, content = await self._read(work, wish.document_id, folder)
            preview = await _done(
                self._database.read, lambda tx: sheet.preview(tx, _staff(work), content, choice)
            )
            target = folder / "preview.json"
            target.write_text(report_of(preview).model_dump_json(), encoding="utf-8")
            work.report("store", 0.0)
            subject = f"roster:{wish.document_id}"
            made = MadeFile(target, DocumentPurpose.EXPORT, "명단 미리보기.json", _JSON, subject)
            document = await self._files.keep(work, made)
        return RosterPreviewed(
            rows=_rows(preview),
            added=preview.new,
            changed=preview.different,
            unchanged=preview.unchanged,
            faults=preview.faults_total,
            document=document,
        )


class RosterApplyHandler(_RosterHandler):
    """The handler of `roster_apply`; RosterEffects remove the file."""

    def __init__(
        self,
        database: Database,
        files: DocumentFiles,
        children: Children,
        new_id: Callable[[], str],
        types: JobTypes,
    ) -> None:
        """Take also the registry: the job ends in the transaction that takes the rows."""
        super().__init__(database, files, children, new_id)
        self._types = types

    async def run(self, work: Work) -> RosterApplied:
        """Take the rows of a previewed file, all or none, once. Raises WorkFailed, Yielded when it is not to be done any more."""
        wish = work.payload
        assert isinstance(wish, ApplyRoster)
        choice = choice_of(wish.choice)
        async with self._files.folder(work) as folder:
            try:
                sheet, content = await self._read(work, wish.document_id, folder)
            except WorkFailed as failed:
                if failed.failure == DOCUMENT_MISSING:
                    await self._refuse_applied(work, wish.document_id)
                raise

            def apply(tx: Transaction) -> RosterApplied:
                take = partial(_apply, tx, sheet, _staff(work), content, wish.digest, choice)
                return apply_once(tx, self._types, work.job, wish.document_id, take)

            return await _done(self._database.run, apply)

    async def _refuse_applied(self, work: Work, document_id: str) -> None:
        with suppress(NotApplied):
            await self._database.run(lambda tx: refuse_applied(tx, work.job.tenant_id, document_id))


def _apply(
    tx: Transaction, sheet: RosterSheet, asker: Asker, content: bytes, digest: str, choice: SheetChoice
) -> RosterApplied:
    applied = sheet.apply(tx, asker, content, digest, choice)
    return RosterApplied(
        added=applied.added,
        changed=applied.changed,
        left_out=applied.left_out,
        parents_created=applied.parents_created,
        enrolments=applied.enrolments,
    )


async def _done(
    run: Callable[[Callable[[Transaction], T]], Awaitable[T]], work: Callable[[Transaction], T]
) -> T:
    """Run a use case; what it refuses is the job's failure."""
    try:
        return await run(work)
    except Refused as refused:
        raise WorkFailed(refused.failure) from None


def _rows(preview: RosterPreview) -> int:
    return preview.new + preview.unchanged + preview.different + preview.refused


def _staff(work: Work) -> Asker:
    """Return who asks: whoever ordered the job managed the academy then."""
    return Asker(work.job.tenant_id, f"job:{work.job.id}", manages=True)
