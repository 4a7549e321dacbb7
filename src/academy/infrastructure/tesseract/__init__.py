"""Reading print with Tesseract, a program of the system."""
