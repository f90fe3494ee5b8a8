"""Addresses that a sweep cannot be driven at are refused at once, before Ray is started."""

from __future__ import annotations

import socket

import pytest

from bench.execution.ray_session import _hint, _start, connect
from bench.plugin import UsageError


def refused(address):
    with pytest.raises(UsageError) as caught, connect(address):
        pass
    (problem,) = caught.value.problems
    return problem


def test_ray_client_is_refused_with_what_to_do_instead(monkeypatch):
    expected = r"through Ray Client \('ray://head:10001'\).*--address auto.*ray job submit"
    with pytest.raises(UsageError, match=expected), connect("ray://head:10001"):
        pass
    monkeypatch.setenv("RAY_ADDRESS", "ray://head:10001")
    with pytest.raises(UsageError, match=expected), connect(None):
        pass


def test_nothing_listens_at_the_address():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    assert refused(address).startswith(f"no Ray cluster at '{address}': ")


@pytest.mark.parametrize("address", ["no-such-host.invalid:6379", "127.0.0.1:99999"])
def test_no_such_address(address):
    assert f"'{address}'" in refused(address)


def test_a_missing_token_is_named_as_the_cause():
    error = ConnectionError("Failed to connect")
    assert _hint(error) == ""
    error.__cause__ = RuntimeError("RPC error: InvalidAuthToken: token is missing or incorrect")
    assert "RAY_AUTH_MODE=token" in _hint(error)


class SlowRay:
    """Does not start until it was asked ``starts`` times."""

    def __init__(self, starts):
        self.asked, self.ended, self.starts = 0, 0, starts

    def init(self, **options):
        self.asked += 1
        if self.asked < self.starts:
            raise Exception("The current node timed out during startup. This could happen")

    def shutdown(self):
        self.ended += 1


def test_a_busy_machine_gets_more_time():
    ray = SlowRay(starts=3)
    _start(ray, {})
    assert (ray.asked, ray.ended) == (3, 2)
    with pytest.raises(UsageError, match="did not start within 30 s, 3 times"):
        _start(SlowRay(starts=4), {})
