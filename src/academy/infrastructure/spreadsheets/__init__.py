"""Spreadsheets: calamine reads, XlsxWriter writes, the standard library does CSV."""
