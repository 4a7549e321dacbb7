"""What a page of print says, and where its questions stand."""
