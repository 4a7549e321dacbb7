"""A process that works on a folder of vectors, for tests that end it, starve it or refuse it.

`python chroma_child.py FOLDER WHAT [LIMIT]`: WHAT is `hold`, `die`, `write`, `upsert`, `replace` or `unprivileged`; LIMIT is the largest file in bytes. Prints
what became of it.
"""

import asyncio
import os
import pwd
import resource
import sys
from pathlib import Path

from tests.contract.vectors.adapters import named, random_vectors

from academy.application.ports.vector_index import VectorIndexUnavailable, VectorSpace
from academy.infrastructure.chroma.index import ChromaVectorIndex
from academy.infrastructure.chroma.layout import CollectionFolders, owner_name

SPACE = VectorSpace("lsa-1", 64)


async def _held(index: ChromaVectorIndex) -> None:
    await index.ping()
    print("held", flush=True)
    await asyncio.to_thread(sys.stdin.read)


async def _ended_before_the_switch(folder: Path) -> None:
    """End as a power cut would, with the new collection written and not yet named."""
    folders = CollectionFolders(folder)
    with folders.fresh(owner_name("t1", "u1")) as new:
        (new / "half.bin").write_bytes(b"half a collection")
        print("dying", flush=True)
        os._exit(9)


async def _work(folder: Path, what: str) -> None:
    async with ChromaVectorIndex.open(folder) as index:
        if what == "hold":
            await _held(index)
        elif what == "upsert":
            await index.space("t1", "u1")
            vectors = random_vectors(12_000, 64, seed=5)
            print("begins", flush=True)
            await index.upsert("t1", "u1", SPACE, named(12_000), vectors)
        elif what == "write":
            await index.upsert("t1", "u1", SPACE, named(6_000), random_vectors(6_000, 64))
        else:
            vectors = random_vectors(6_000, 64)
            print("begins", flush=True)
            await index.replace("t1", "u1", SPACE, named(6_000), vectors)


def main() -> None:
    folder, what = Path(sys.argv[1]), sys.argv[2]
    if what == "unprivileged" and os.getuid() == 0:
        # Root may write everywhere.
        os.setuid(pwd.getpwnam("nobody").pw_uid)
    if len(sys.argv) > 3:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
    try:
        asyncio.run(_ended_before_the_switch(folder) if what == "die" else _work(folder, what))
    except VectorIndexUnavailable as unavailable:
        print(f"unavailable: {unavailable}", flush=True)
    else:
        print("done", flush=True)


if __name__ == "__main__":
    main()
