"""Which language a person reads."""

import pytest

from academy.interfaces.api.language import language_of


@pytest.mark.requirement("API-1")
@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("ko", "ko"),
        ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"),
        ("en-US,en;q=0.9,ko;q=0.8", "en"),
        ("KO-kr", "ko"),
        ("fr, ko;q=0.1", "ko"),
        ("ko;q=0", "en"),
        ("ko;q=nonsense, en;q=0.1", "en"),
        ("*", "en"),
        (",,;;q=,=", "en"),
        ("ko;q=inf", "ko"),
        ("x," * 5000 + "ko", "en"),
    ],
)
def test_the_preferred_of_the_two_languages(accept: str, language: str) -> None:
    assert language_of(accept) == language
