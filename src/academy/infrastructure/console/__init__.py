"""Text messages that go to a terminal in place of phones: the embedded profile."""
