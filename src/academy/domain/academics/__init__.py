"""Who belongs to an academy and what they do there: people, classes, lectures, attendance, exams and scores (ACA-1)."""
