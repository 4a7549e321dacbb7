"""Opening scans: a PDF, JPEG, PNG or TIFF becomes pages, each a picture that any adapter may decode.

Neutral: it knows no answer sheets and decodes no pixels itself, except where a PDF page has to be rendered.
"""
