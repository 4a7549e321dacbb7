"""Draws answer sheets with reportlab and segno."""

from academy.infrastructure.reportlab.printer import ReportLabSheetPrinter

__all__ = ["ReportLabSheetPrinter"]
