"""Reading what people hand in: chat exports, notes, documents and archives of them (GRA-3).

What an input is, its bytes and fields say; what was found wrong has one outcome. Nothing is written to disk by a name that
stands in an archive, and nothing is fetched.
"""
