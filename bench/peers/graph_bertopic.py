"""BERTopic on vectors that are handed in: python graph_bertopic.py FOLDER SEED.

FOLDER holds texts.json and vectors.npy. Prints one JSON line: CPU seconds of the fit, its topics, and its
topics with every outlier laid to the nearest one.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from bertopic import BERTopic
from umap import UMAP


def main() -> None:
    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    texts = json.loads((folder / "texts.json").read_text("utf-8"))
    vectors = np.load(folder / "vectors.npy")
    _fitted(texts[:300], vectors[:300], seed)  # compiled, and libraries loaded
    begun = time.process_time()
    model, topics = _fitted(texts, vectors, seed)
    seconds = time.process_time() - begun
    there = len(set(topics) - {-1})
    laid = topics
    if there and -1 in topics:
        laid = model.reduce_outliers(texts, topics, strategy="embeddings", embeddings=vectors)
    print(json.dumps({"cpu_s": seconds, "topics": list(map(int, topics)), "laid": list(map(int, laid))}))


def _fitted(texts: list[str], vectors: np.ndarray, seed: int) -> tuple[BERTopic, list[int]]:
    """Its own settings, but that the seed makes it repeatable."""
    reducer = UMAP(
        n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", low_memory=False, random_state=seed
    )
    model = BERTopic(umap_model=reducer, embedding_model=None)
    topics, _ = model.fit_transform(texts, vectors)
    return model, [int(topic) for topic in topics]


if __name__ == "__main__":
    main()
