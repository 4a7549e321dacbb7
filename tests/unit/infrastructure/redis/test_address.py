"""The address of a Redis server, as operators write it."""

import pytest

from academy.infrastructure.redis.connection import RedisAddress


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://cache", RedisAddress("cache", 6379, False, 0, "", "")),
        ("redis://:p%40ss@cache:7000/3", RedisAddress("cache", 7000, False, 3, "", "p@ss")),
        ("rediss://me:secret@[::1]:6380/", RedisAddress("::1", 6380, True, 0, "me", "secret")),
    ],
)
def test_an_address_is_read(url: str, address: RedisAddress) -> None:
    assert RedisAddress.of(url) == address


@pytest.mark.requirement("SEC-3")
@pytest.mark.parametrize(
    "url",
    [
        "",
        "cache:6379",
        "http://:secret@cache",
        "redis://:secret@cache:x",
        "redis://:secret@cache/a",
        "redis://:secret@",
        "redis://:secret@c?x=1",
    ],
)
def test_what_is_no_address_is_refused_without_showing_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="address of a Redis server") as caught:
        RedisAddress.of(url)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_new_connection_says_who_it_is_before_anything_else() -> None:
    assert RedisAddress.of("redis://cache").greeting("n") == [("CLIENT", "SETNAME", "n")]
    assert RedisAddress.of("redis://:p@cache/2").greeting("n")[:2] == [("AUTH", "p"), ("SELECT", 2)]
    assert RedisAddress.of("redis://u:p@cache").greeting("n")[0] == ("AUTH", "u", "p")
    assert "p@ss" not in repr(RedisAddress.of("redis://:p%40ss@cache"))
