"""YAKE on texts that are handed in: python graph_yake.py TEXTS.json LANGUAGE WORDS.

Prints one JSON line: CPU seconds, and the twenty best keywords of each text, of at most WORDS words.
"""

import json
import sys
import time
from pathlib import Path

import yake

_MOST = 20


def main() -> None:
    texts = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    extractor = yake.KeywordExtractor(lan=sys.argv[2], n=int(sys.argv[3]), top=_MOST)
    begun = time.process_time()
    found = [[key for key, _ in extractor.extract_keywords(text)] for text in texts]
    print(json.dumps({"cpu_s": time.process_time() - begun, "keys": found}))


if __name__ == "__main__":
    main()
