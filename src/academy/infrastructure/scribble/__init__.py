"""People filling in answer sheets, from a seed, for the demonstration, the tests and the benchmarks.

What they meant is the truth, and what they drew is on the page. Nothing here is shared with the reader that it tests: it draws with
Pillow, and knows of a sheet only what its specification says.
"""
