"""Sweeps on real Ray clusters of several nodes on loopback: one that loses a node, one that grows.

What the driver owns (store, plugin file, temporary folder) is out of the second node's sight where
the system lets an ordinary user mount, so that nothing works only because nodes share a disk.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections import Counter
from pathlib import Path

import pytest
import yaml
from pyarrow import parquet
from ray.autoscaler._private.util import prepare_config

from results.store.trial_store import Store

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes by /proc"),
]

BIN = Path(sys.executable).parent
KEPT = ("PATH", "HOME", "LANG", "PYTHONPATH")
TRIALS = 8
PLUGIN = '''
"""SoftLoc that leaves a mark at the start of every trial, and hangs in a node's second one."""
import os
import time
import uuid
from pathlib import Path

from bench.plugin import register_loss
from losses.softloc import SoftLoc


@register_loss("marking", heads={"events"}, space={})
class Marking(SoftLoc):
    """SoftLoc that leaves marks."""

    def __call__(self, prediction, target, progress=1.0):
        if progress == 0:
            begin(f"{self.softness:.12f}")
        return super().__call__(prediction, target, progress)


def begin(trial):
    marks, node = Path(os.environ["TEST_MARKS"]), os.environ["TEST_NODE"]
    earlier = len(list(marks.glob(f"{node}_*")))
    (marks / f"{node}_{trial}_{uuid.uuid4().hex}").touch()
    while node == "first" and not list(marks.glob("second_*")):
        time.sleep(0.1)  # neither node is done before the other has begun
    if node == "second" and earlier:
        time.sleep(3600)
'''


REAP = """
read -r _  # until the other end of the pipe is closed, by the test or by its death
for round in 1 2 3; do
    for process in /proc/[0-9]*; do
        grep -qsz "^TEST_NODES=$0/" "$process/environ" && kill -9 "${process#/proc/}"
    done
    sleep 0.2
done
rm -rf "/tmp/pb-ray-$0-"*
"""


class Nodes:
    """Ray nodes, started and killed apart from each other and from all other Ray clusters."""

    def __init__(self, folder: Path) -> None:
        self.marks = folder / "marks"
        self.drivers = folder / "driver"
        for path in (self.marks, self.drivers):
            path.mkdir()
        self._folder = folder
        self._id = uuid.uuid4().hex[:12]
        self._reaper = subprocess.Popen(
            ["bash", "-c", REAP, self._id], stdin=subprocess.PIPE, start_new_session=True
        )
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        token = folder / "token"
        token.write_text(secrets.token_hex(16))
        kept = {key: value for key, value in os.environ.items() if key in KEPT}
        self._environment = kept | {
            "RAY_AUTH_MODE": "token",  # explicit: a node does not guess as the others do
            "RAY_AUTH_TOKEN_PATH": str(token),
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def start_first(self, *options: str, **environment: str) -> None:
        """The head, where the driver will connect."""
        port = self.address.rpartition(":")[2]
        head = ["--head", f"--port={port}", "--include-dashboard=false", *options]
        self._start("first", head, [], environment)

    def start_second(self) -> None:
        """Another node, which does not see the driver's files."""
        hide = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
        hide += ['mount -t tmpfs none "$0" && exec "$@"', str(self.drivers)]
        if subprocess.run([*hide, "true"], capture_output=True, check=False).returncode:
            hide = []
        self._start("second", [f"--address={self.address}", "--num-cpus=1"], hide, {})

    def _start(
        self, node: str, options: list[str], prefix: list[str], environment: dict[str, str]
    ) -> None:
        # Not under pytest's folder: the path of a Unix socket is limited to 107 bytes.
        session = f"/tmp/pb-ray-{self._id}-{node}"
        command = [*prefix, str(BIN / "ray"), "start", *options]
        command += ["--node-ip-address=127.0.0.1", "--num-gpus=0"]
        command += ["--object-store-memory=100000000", f"--temp-dir={session}"]
        variables = self._environment | {
            "TEST_NODES": f"{self._id}/{node}",
            "TEST_NODE": node,
            "TEST_MARKS": str(self.marks),
            "POINTBENCH_CACHE": str(self.cache(node)),
        }
        log = self._folder / f"{node}.log"
        for _ in range(5):  # Ray gives a node 30 s to come up, too little for a busy machine
            with log.open("w") as output:
                done = subprocess.run(
                    [*command, "--disable-usage-stats"],
                    env=variables | environment,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=180,
                    check=False,
                )
            if done.returncode == 0:
                return
            self.kill(node)
        pytest.fail(log.read_text())

    def cache(self, node: str) -> Path:
        """Where the node keeps prepared data."""
        return self._folder / f"cache-{node}"

    def bench(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """The driver: ``bench`` with ``arguments``, on the first node."""
        temporary = self.drivers / "tmp"
        temporary.mkdir(exist_ok=True)
        return subprocess.Popen(
            [str(BIN / "bench"), *arguments],
            cwd=self.drivers,
            env=self._environment
            | {
                "TEST_NODES": f"{self._id}/driver",
                "TMPDIR": str(temporary),
                "POINTBENCH_CACHE": str(self.cache("first")),
            }
            | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def processes(self, node: str) -> set[int]:
        """Processes of a node, its workers included."""
        marker = f"TEST_NODES={self._id}/{node}\0".encode()
        found = set()
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # ended meanwhile, or somebody else's
                if marker in (folder / "environ").read_bytes():
                    found.add(int(folder.name))
        return found

    def kill(self, node: str) -> None:
        """SIGKILL all of a node at once, as a machine that vanishes."""
        while found := self.processes(node):
            for pid in found:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)  # a process may just have started another

    def close(self) -> None:
        """Leave nothing behind."""
        assert self._reaper.stdin is not None
        self._reaper.stdin.close()
        self._reaper.wait(timeout=60)


@pytest.fixture
def nodes(tmp_path):
    cluster = Nodes(tmp_path)
    try:
        yield cluster
    finally:
        cluster.close()


def wait_for(condition, driver, seconds=300):
    limit = time.monotonic() + seconds
    while not condition():
        if driver.poll() is not None:
            pytest.fail(f"the driver ended early: {driver.communicate()[0]}")
        if time.monotonic() > limit:
            driver.kill()
            pytest.fail(f"waited {seconds} s in vain: {driver.communicate()[0]}")
        time.sleep(0.1)


def test_a_node_that_dies_half_way_costs_no_trial(nodes):
    nodes.start_first("--num-cpus=1")
    nodes.start_second()
    plugin, url = nodes.drivers / "marking.py", nodes.drivers / "runs"
    plugin.write_text(PLUGIN)
    run = ["--plugin", str(plugin), "run", "softness-noise", "--scale", "smoke"]
    run += ["--set", "loss.name=marking", "--trials", str(TRIALS)]
    driver = nodes.bench(*run, "--address", nodes.address, "--store", str(url))

    def trials_begun(node):
        return [path.name.split("_")[1] for path in nodes.marks.glob(f"{node}_*")]

    def finished():
        return len(Store.open(url).statuses())

    wait_for(lambda: len(trials_begun("second")) == 2 and finished() >= 2, driver)
    assert finished() < TRIALS
    workers = nodes.processes("second")
    nodes.kill("second")
    output = driver.communicate(timeout=900)[0]

    assert driver.returncode == 0, output
    assert len(workers) >= 2  # the raylet and the worker in the trial that hangs
    frame = Store.open(url).load()
    assert list(frame["status"]) == ["finished"] * TRIALS
    assert frame["trial_id"].is_unique
    files = [parquet.read_table(path) for path in (url / "trials" / "merged").glob("*.parquet")]
    assert sum(len(table) for table in files) == TRIALS
    assert set(frame["loss"]) == {"marking"}  # the plugin file reached both nodes
    assert all(any((nodes.cache(node) / "data").iterdir()) for node in ("first", "second"))
    # Only the trial in flight on the dead node was begun again.
    again = Counter(trials_begun("first") + trials_begun("second"))
    assert len(again) == TRIALS
    assert sorted(again.values()) == [1] * (TRIALS - 1) + [2]


def test_a_fleet_without_workers_grows_when_trials_wait(nodes, tmp_path):
    """The node types of cluster.yaml on a provider that starts nodes on this machine."""
    file = Path(__file__).resolve().parents[3] / "cluster.yaml"
    config = prepare_config(yaml.safe_load(file.read_text()))
    kinds = copy.deepcopy(config["available_node_types"])
    kinds["ray.head.default"] = kinds.pop(config["head_node_type"])  # the provider's name for it
    kinds["gpu_worker"]["resources"]["object_store_memory"] = 100_000_000
    config |= {"available_node_types": kinds, "head_node_type": "ray.head.default"}
    config["provider"] = {
        "type": "external",
        "module": "ray.autoscaler._private.fake_multi_node.node_provider.FakeMultiNodeProvider",
        "gcs_address": nodes.address,
        "use_node_id_as_ip": True,  # all of them have this machine's
        "disable_node_updaters": True,
    }
    (tmp_path / "fleet.json").write_text(json.dumps(config))
    head = kinds["ray.head.default"]["resources"]
    nodes.start_first(
        f"--num-cpus={head['CPU']}",
        f"--autoscaling-config={tmp_path / 'fleet.json'}",
        RAY_FAKE_CLUSTER="1",
        AUTOSCALER_UPDATE_INTERVAL_S="1",
    )
    run = ["run", "softness-noise", "--scale", "smoke", "--trials", "2"]
    run += ["--set", "resources.gpu=1", "--address", nodes.address]
    run += ["--store", str(nodes.drivers / "runs")]
    driver = nodes.bench(*run, TUNE_MAX_PENDING_TRIALS_PG="32")  # as cluster.yaml sets it
    output = driver.communicate(timeout=900)[0]
    assert driver.returncode == 0, output
    assert list(Store.open(nodes.drivers / "runs").statuses().values()) == ["finished"] * 2
