"""Fixtures of the API's tests."""

from tests.support.api import api

__all__ = ["api"]
