"""Filter chains: any source becomes progressive, upright, square-pixel, 8-bit 4:2:0 BT.709 on a regular frame grid.

The grid: frame k stands at k / frame_rate seconds after the start of the container, whichever process makes it. The `fps`
filter rounds every source timestamp to the grid by itself, so two chunks cut at frame k agree on what k shows.
"""

from fractions import Fraction

from academy.domain.video.plan import Chunk, Rung, StreamPlan, ThumbnailPlan
from academy.domain.video.source import FieldOrder, Transfer, VideoTrack

__all__ = ["chunk_graph", "has_preview", "preview_step", "steady_graph", "still_chain"]

_TRANSFER_NAMES = {Transfer.PQ: "smpte2084", Transfer.HLG: "arib-std-b67"}
_PARITY = {FieldOrder.TOP_FIRST: "tff", FieldOrder.BOTTOM_FIRST: "bff"}
_TAGS = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
# ITU-R BT.2408, 2.2: what SDR white is; the knee of the curve is relative to it.
_NOMINAL_PEAK = 100
_TALLEST_STANDARD_DEFINITION = 576
_MATRICES = {"bt709": "bt709", "bt2020nc": "bt2020", "smpte240m": "smpte240m", "fcc": "fcc"}
_STANDARD_DEFINITION_MATRICES = {"smpte170m", "bt470bg"}


def chunk_graph(
    track: VideoTrack,
    rungs: tuple[Rung, ...],
    thumbnails: ThumbnailPlan | None,
    frame_rate: Fraction,
    chunk: Chunk,
    *,
    from_start: bool,
) -> str:
    """Return the graph that decodes once and ends in [v0], [v1], … (one per rung) and, if wanted, [previews].

    `from_start`: the input is read from its first frame, which is then held back to time 0 when it comes late; otherwise
    the input was sought to some frame before the chunk. The source's last frame is held as long as there are chunks.
    """
    first, count = chunk.first_frame, chunk.frames
    grid = [
        f"fps={frame_rate}:eof_action=pass" + (":start_time=0" if from_start else ""),
        "tpad=stop_mode=clone:stop=-1",
        f"trim=start_pts={first}:end_pts={first + count}",
        f"setpts=PTS-{first}",
    ]
    top = rungs[0]
    chain = ",".join([*_deinterlaced(track), *grid, *_normalised(track, top.width, top.height)])
    parts = [f"[0:{track.index}]{chain}"]
    for position, rung in enumerate(rungs[1:]):
        parts[-1] += f",split=2[v{position}][s{position}]"
        parts.append(f"[s{position}]scale={rung.width}:{rung.height},setsar=1")
    last = len(rungs) - 1
    if thumbnails is None:
        parts[-1] += f"[v{last}]"
    else:
        step = preview_step(thumbnails, frame_rate)
        parts[-1] += f",split=2[v{last}][p]"
        parts.append(
            f"[p]select='not(mod(round(t*{frame_rate})+{first},{step}))',"
            f"scale={thumbnails.width}:{thumbnails.height}:out_range=pc,setsar=1,setparams=range=pc[previews]"
        )
    return ";".join(parts)


def still_chain(track: VideoTrack, width: int, height: int) -> str:
    """Return the chain that makes single pictures (full range, for JPEG) of `track`."""
    chain = [*_deinterlaced(track), *_normalised(track, width, height)]
    return ",".join([*chain, "scale=out_range=pc", "setparams=range=pc"])


def has_preview(plan: StreamPlan, chunk: Chunk) -> bool:
    """Return whether a preview picture falls into `chunk`; an output without a single picture is a failure to ffmpeg."""
    if plan.thumbnails is None:
        return False
    return -chunk.first_frame % preview_step(plan.thumbnails, plan.frame_rate) < chunk.frames


def steady_graph(track: VideoTrack) -> list[str]:
    """Return the input options that keep a graph of this module when the source changes its size midway.

    ffmpeg would build the graph anew, which starts to count frames from 0 again. Not for turned pictures: the filter that
    ffmpeg turns them with takes no other size.
    """
    return ["-reinit_filter", "0"] if track.rotation == 0 else []


def preview_step(thumbnails: ThumbnailPlan, frame_rate: Fraction) -> int:
    """Return how many frames of the grid lie between two preview pictures."""
    return max(1, round(thumbnails.interval * frame_rate))


def _deinterlaced(track: VideoTrack) -> list[str]:
    parity = _PARITY.get(track.field_order)
    if parity is None:
        return []
    # The deinterlacer takes pictures of one size only; scale passes those of that size on untouched.
    size = f"scale={track.coded_width}:{track.coded_height}:interl=1"
    return [size, f"bwdif=mode=send_frame:parity={parity}:deint=all"]


def _normalised(track: VideoTrack, width: int, height: int) -> list[str]:
    if track.transfer is Transfer.SDR:
        matrix = _matrix(track)
        size = f"scale={width}:{height}:in_color_matrix={matrix}:out_color_matrix=bt709:out_range=tv"
        return [size, "format=yuv420p", "setsar=1", _TAGS]
    # Named, because sources often leave some of the three untagged.
    stored = f"tin={_TRANSFER_NAMES[track.transfer]}:min=2020_ncl:pin=2020"
    return [
        # Scaled at once: every later step works on fewer pixels.
        f"zscale=w={width}:h={height}:{stored}:t=linear:npl={_NOMINAL_PEAK}",
        "format=gbrpf32le",
        "zscale=p=709",
        "tonemap=hable:desat=0",
        "zscale=t=709:m=709:r=limited",
        "format=yuv420p",
        "setsar=1",
        _TAGS,
    ]


def _matrix(track: VideoTrack) -> str:
    """Return the swscale name of the source's colour matrix; untagged sources follow their size, as players do."""
    if track.matrix in _STANDARD_DEFINITION_MATRICES:
        return "bt601"
    if track.matrix in _MATRICES:
        return _MATRICES[track.matrix]
    standard = min(track.coded_width, track.coded_height) <= _TALLEST_STANDARD_DEFINITION
    return "bt601" if standard else "bt709"
