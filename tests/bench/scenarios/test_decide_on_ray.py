"""`bench decide` on a real Ray: from an empty store to a verdict, and nothing more after that."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from results.store.trial_store import Store

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(1200)]


def test_an_open_claim_gets_replicates_until_it_is_decided(
    commands: Any, write_sweep: Callable[..., Path], tmp_path: Path
) -> None:
    sweep = write_sweep(
        task={"name": "noop", "behaviour": "wobble"},
        loss=[{"name": "noop", "softness": 0.2}, {"name": "noop", "softness": 0.1}],
        replicates=1,
    )
    claim = {
        "id": "101",
        "title": "the softer the better",
        "source": "nowhere",
        "task": "noop",
        "sweep": str(sweep),
        "parts": [
            {
                "kind": "level",
                "metric": "f1",
                "where": {"loss.softness": 0.2},
                "above": 0.6,
                "origin": "made up",
            }
        ],
    }
    path = tmp_path / "claims.yaml"
    path.write_text(json.dumps({"entries": [{"number": 101, "title": "t", "claims": [claim]}]}))
    arguments = ("decide", path, "--store", commands.store, "--no-reference")
    first = commands.run(*arguments, "--json")
    assert first.code == 0, first.errors
    [decision] = json.loads(first.out)
    assert (decision["verdict"], decision["stopped"]) == ("supported", "supported")
    n = decision["replicates"]
    assert n in (3, 5)
    assert decision["added_trials"] == n
    trials = Store.open(commands.store, create=False).load()
    assert set(trials["loss.softness"]) == {0.2}, "the claim looks at one loss"
    assert sorted(trials["replicate"]) == list(range(n))
    assert "101: look at 3 replicates, 3 trials to run" in first.errors

    second = commands.run(*arguments)
    assert second.code == 0, second.errors
    assert len(Store.open(commands.store, create=False).load()) == n
