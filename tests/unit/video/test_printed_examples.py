"""What the guide and the schemas print is done when it is sent as it is: nobody copies an example that the worker refuses."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.support.studio import MP4, Studio

from academy.contracts.catalogue import MESSAGES
from academy.contracts.incoming import parse_incoming
from academy.domain.job.states import JobState

GUIDE = Path(__file__).parents[3] / "docs" / "messages.md"
TYPES = {"video.transcode", "video.purge", "video.sweep"}


def printed() -> list[dict[str, Any]]:
    """Return every video message that is printed, claim checks and results left out."""
    blocks = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", GUIDE.read_text(), re.DOTALL)]
    published = [example for message in MESSAGES if message.channel for example in message.examples]
    return [
        m for m in (*blocks, *published) if m.get("type") in TYPES or ("type" not in m and "video_id" in m)
    ]


def sent(message: dict[str, Any]) -> bool:
    return "rungs" not in message


@pytest.mark.requirement("CON-2", "CON-3")
@pytest.mark.parametrize(
    "message", [m for m in printed() if sent(m)], ids=lambda m: m.get("type") or "older format"
)
async def test_a_printed_message_is_done(studio: Studio, message: dict[str, Any]) -> None:
    understood = parse_incoming(json.dumps(message))
    tenant, code = understood.tenant_id or "t9", understood.tenant_code or "hagwon9"
    studio.world.database.run_sync(lambda tx: tx.tenants.add(tenant, code, "학원"))
    for key in (understood.payload.get("file_key"), understood.payload.get("hls_prefix")):
        if key:
            await studio.store.put(f"{key}master.m3u8" if key.endswith("/") else key, MP4)
    await studio.message(**message)
    (job, *_) = await studio.work_off()
    assert (job.type, job.state, job.failure) == (understood.type, JobState.SUCCEEDED, None)
    if understood.type == "video.purge":
        assert studio.store.stored() == set()


@pytest.mark.requirement("CON-2", "API-2")
@pytest.mark.parametrize("key", ["uploads/1042.mp4", "tenants/other/video/source/1042.mp4"])
async def test_a_key_outside_the_academys_own_place_is_refused_and_the_guide_says_so(
    studio: Studio, key: str
) -> None:
    await studio.store.put(key, MP4)
    await studio.message(video_id=1042, file_key=key, tenant_id="t1")
    (job, *_) = await studio.work_off()
    assert job.failure is not None
    assert job.state is JobState.FAILED
    assert f"`{job.failure.code}`" in GUIDE.read_text()
