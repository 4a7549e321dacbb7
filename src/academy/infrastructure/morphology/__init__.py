"""The lens without a model: morphology, patterns and statistics over one text (GRA-6, GRA-7)."""
