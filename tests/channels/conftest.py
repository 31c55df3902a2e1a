"""The outside world of the channels: the HTTP server of `tests/http`."""

from tests.http.conftest import outside

__all__ = ["outside"]
