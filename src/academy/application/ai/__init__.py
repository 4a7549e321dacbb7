"""What the AI worker does: answer sheets, documents, spreadsheets."""
