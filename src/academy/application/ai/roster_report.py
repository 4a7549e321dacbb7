"""A roster's preview as JSON, and the choice that goes back."""

from academy.application.academics.roster import NewStudent
from academy.application.academics.roster_outcome import RosterPreview, SheetChoice
from academy.application.academics.roster_plan import SheetFault
from academy.contracts.rosters import (
    RosterChoice,
    RosterColumn,
    RosterFault,
    RosterNote,
    RosterQuestion,
    RosterReport,
    RosterStudent,
    SeenColumn,
    SeenSheet,
)
from academy.domain.academics.sheet_words import Field

__all__ = ["choice_of", "report_of"]


def choice_of(given: RosterChoice) -> SheetChoice:
    """Return what a person chose."""
    return SheetChoice(
        sheet=given.sheet,
        header=None if given.header is None else tuple(given.header),
        columns={each.index: Field(each.field) if each.field else None for each in given.columns},
        with_hidden=given.with_hidden,
        without_refused=given.without_refused,
        change_known=given.change_known,
        other_people=tuple(given.other_people),
    )


def report_of(preview: RosterPreview) -> RosterReport:
    """Return a preview as it is kept."""
    layout = preview.layout
    return RosterReport(
        digest=preview.digest,
        choice=_choice(preview.choice),
        ready=preview.ready,
        sheets=[SeenSheet(name=each.name, hidden=each.hidden) for each in preview.sheets],
        columns=[
            SeenColumn(
                index=use.index,
                label=use.label,
                field=use.field.value if use.field else None,
                confidence=use.confidence,
            )
            for use in layout.columns
        ],
        questions=[
            RosterQuestion(
                column=each.column,
                fields=[field.value for field in each.fields],
                code=each.failure.code,
                message=each.failure.message,
                message_ko=each.failure.message_ko,
            )
            for each in layout.questions
        ],
        new=preview.new,
        unchanged=preview.unchanged,
        different=preview.different,
        refused=preview.refused,
        first_rows=[_student(each) for each in preview.first_rows],
        faults=[_fault(each) for each in preview.faults],
        faults_total=preview.faults_total,
        notes=[
            RosterNote(
                code=each.code,
                message=each.message,
                message_ko=each.message_ko,
                rows=list(each.rows),
                total=each.total,
            )
            for each in preview.notes
        ],
    )


def _choice(choice: SheetChoice) -> RosterChoice:
    return RosterChoice(
        sheet=choice.sheet,
        header=None if choice.header is None else list(choice.header),
        columns=[
            RosterColumn(index=index, field=field.value if field else None)
            for index, field in choice.columns.items()
        ],
        with_hidden=choice.with_hidden,
        without_refused=choice.without_refused,
        change_known=choice.change_known,
        other_people=list(choice.other_people),
    )


def _student(wish: NewStudent) -> RosterStudent:
    return RosterStudent(
        name=wish.name,
        phone=wish.phone,
        identifier=wish.identifier,
        school=wish.school,
        grade=wish.grade,
        note=wish.note,
        classes=list(wish.class_names),
        parents=len(wish.parents),
    )


def _fault(fault: SheetFault) -> RosterFault:
    return RosterFault(
        row=fault.row,
        column=fault.column,
        value=fault.value,
        code=fault.failure.code,
        message=fault.failure.message,
        message_ko=fault.failure.message_ko,
    )
