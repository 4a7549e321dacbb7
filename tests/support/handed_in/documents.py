"""PDF, DOCX and PPTX in memory, harmless and not."""

import io
import re
import zipfile
from collections.abc import Sequence

import docx
import pikepdf
import pptx
from pptx.util import Inches
from reportlab.pdfgen.canvas import Canvas

__all__ = [
    "docx_file",
    "encrypted_office",
    "pdf_file",
    "pptx_file",
    "protected_pdf",
    "with_part",
    "without_properties",
]


def pdf_file(pages: Sequence[str], *, title: str = "", picture: bool = False) -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target, invariant=1)
    canvas.setTitle(title)
    for page in pages:
        if picture:
            canvas.rect(100, 100, 200, 200, fill=1)
        for number, line in enumerate(page.split("\n")):
            canvas.drawString(72, 720 - 16 * number, line)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def protected_pdf(data: bytes) -> bytes:
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(target, encryption=pikepdf.Encryption(owner="owner", user="user"))
    return target.getvalue()


def docx_file() -> bytes:
    """Return a document with a heading, prose, a list, a table between paragraphs, and a last heading."""
    document = docx.Document()
    document.core_properties.title = "광합성"
    document.add_heading("빛과 잎", level=1)
    document.add_paragraph("엽록체는 빛을 모은다.")
    document.add_paragraph("first point", style="List Bullet")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        (one for row in table.rows for one in row.cells), ("단계", "곳", "명반응", "틸라코이드"), strict=True
    ):
        cell.text = text
    document.add_heading("After the table", level=2)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def pptx_file() -> bytes:
    """Return two slides: the first with a table and notes, the second with a group."""
    shown = pptx.Presentation()
    first = shown.slides.add_slide(shown.slide_layouts[1])
    first.shapes.title.text = "운영체제"
    first.placeholders[1].text = "프로세스와 스레드"
    table = first.shapes.add_table(1, 2, Inches(1), Inches(1), Inches(4), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "left", "right"
    first.notes_slide.notes_text_frame.text = "Say it slowly."
    second = shown.slides.add_slide(shown.slide_layouts[6])
    group = second.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "inside a group"
    target = io.BytesIO()
    shown.save(target)
    return target.getvalue()


def with_part(data: bytes, name: str, part: bytes) -> bytes:
    """Return an Office file with one part in the place of its own."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, part if info.filename == name else old.read(info))
    return target.getvalue()


def without_properties(data: bytes) -> bytes:
    """Return an Office file as some other programs write it: nothing in it tells of its title and its times."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            part = old.read(info)
            if info.filename == "_rels/.rels":
                part = re.sub(rb"<Relationship [^>]*core-properties[^>]*/>", b"", part)
            if info.filename != "docProps/core.xml":
                new.writestr(info.filename, part)
    return target.getvalue()


def encrypted_office() -> bytes:
    """Return the beginning of a file as Office writes it behind a password."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(1016)
        + "EncryptedPackage".encode("utf-16-le")
        + bytes(480)
    )
