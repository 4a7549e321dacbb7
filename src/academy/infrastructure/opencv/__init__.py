"""Reading scans of answer sheets with OpenCV: find the page, sample its bubbles, read its QR code, draw what was read (OMR-2, OMR-3)."""
