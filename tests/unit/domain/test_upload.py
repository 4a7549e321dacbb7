"""How an upload is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.domain.upload import MAX_PARTS, UploadPlan


@pytest.mark.requirement("VID-1")
@given(st.integers(1, 4 << 40))
def test_parts_are_equal_but_for_the_last_and_make_the_whole(size: int) -> None:
    sizes = UploadPlan().part_sizes(size)
    assert sum(sizes) == size
    assert len(set(sizes[:-1])) <= 1
    assert 0 < sizes[-1] <= sizes[0]
    assert len(sizes) <= MAX_PARTS


@pytest.mark.requirement("VID-1")
def test_one_put_up_to_100_mb() -> None:
    assert UploadPlan().part_sizes(100_000_000) == [100_000_000]
    assert len(UploadPlan().part_sizes(100_000_001)) > 1


@pytest.mark.parametrize("size", [0, -1, (4 << 40) + 1])
def test_a_size_out_of_bounds_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="bytes"):
        UploadPlan().part_sizes(size)
