"""The cluster-launcher file: valid for this Ray, and what its comments say of it."""

from __future__ import annotations

import copy
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.version import Version
from ray import __version__ as ray_version
from ray.autoscaler._private.util import prepare_config, validate_config

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "cluster.yaml"
COMMANDS = (
    "initialization_commands",
    "setup_commands",
    "head_setup_commands",
    "worker_setup_commands",
    "head_start_ray_commands",
    "worker_start_ray_commands",
)


@pytest.fixture(scope="module")
def config():
    return yaml.safe_load(FILE.read_text())


@pytest.fixture(scope="module")
def prepared(config):
    """As ``ray up`` sees it: with the provider's defaults filled in."""
    return prepare_config(copy.deepcopy(config))


def test_valid_by_rays_own_schema(prepared):
    validate_config(prepared)


def test_a_misspelt_key_would_be_noticed(config):
    wrong = copy.deepcopy(config)
    wrong["idle_timeout"] = wrong.pop("idle_timeout_minutes")
    with pytest.raises(Exception, match="idle_timeout"):
        validate_config(prepare_config(wrong))


def test_head_takes_no_trials_and_is_not_spot(prepared):
    head = prepared["available_node_types"][prepared["head_node_type"]]
    assert head["resources"] == {"CPU": 0, "GPU": 0}
    assert "InstanceMarketOptions" not in head["node_config"]
    assert head["max_workers"] == 0  # no second one is launched as a worker


def test_workers_are_spot_gpus_that_scale_from_none_to_the_whole_fleet(prepared):
    workers = dict(prepared["available_node_types"])
    del workers[prepared["head_node_type"]]
    assert workers
    for worker in workers.values():
        assert worker["node_config"]["InstanceMarketOptions"]["MarketType"] == "spot"
        assert worker["resources"]["GPU"] >= 1
        assert worker["resources"]["CPU"] >= 4 * worker["resources"]["GPU"]  # gpu: 0.25
        assert worker["min_workers"] == 0
        assert 1 <= worker["max_workers"] <= prepared["max_workers"]
    assert sum(worker["max_workers"] for worker in workers.values()) >= prepared["max_workers"]
    assert 0 < prepared["idle_timeout_minutes"] <= 15
    assert prepared["provider"]["cache_stopped_nodes"] is False


def test_all_nodes_run_one_image(prepared):
    nodes = prepared["available_node_types"].values()
    assert len({node["node_config"]["ImageId"] for node in nodes}) == 1


def test_mounted_files_exist_and_secrets_stay_out(config):
    mounts = config["file_mounts"]
    assert {remote for remote, local in mounts.items() if local == "."} == {"~/pointbench"}
    assert (ROOT / config["rsync_filter"][0]).is_file()
    assert ".venv/" in (ROOT / ".gitignore").read_text().split()
    assert not re.search(r"AKIA|aws_secret|password|token: *\w", FILE.read_text(), re.IGNORECASE)


def test_installs_this_checkout_with_pinned_versions(prepared):
    assert (ROOT / "constraints.txt").is_file()
    assert (ROOT / "pyproject.toml").is_file()
    for kind in ("head_setup_commands", "worker_setup_commands"):
        install = next(command for command in prepared[kind] if "pip install" in command)
        assert "--constraint ~/pointbench/constraints.txt" in install
        assert "--editable ~/pointbench" in install
        assert not any(re.search(r"(?<!/)\bpip install", command) for command in prepared[kind])


def test_ray_version_in_the_instructions_is_the_pinned_one():
    mentioned = set(re.findall(r"ray\[default\]==([\d.]+\d)", FILE.read_text()))
    pinned = re.search(r"^ray==(.+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert pinned
    assert mentioned == {pinned[1]}
    assert Version(ray_version).major == Version(pinned[1]).major


@pytest.mark.parametrize("kind", COMMANDS)
def test_commands_are_shell(prepared, kind):
    for command in prepared[kind]:
        subprocess.run(["bash", "-n", "-c", command], check=True)


def test_every_node_has_the_same_environment(config, tmp_path):
    writes = [command for command in config["setup_commands"] if "pointbench.sh" in command]
    for command in writes * 2:  # `ray up` may run them again
        subprocess.run(["bash", "-c", command], check=True, env={"HOME": str(tmp_path)})
    assert (tmp_path / ".bashrc").read_text().count("pointbench.sh") == 1
    shown = subprocess.run(
        ["bash", "-c", ". ~/.bashrc; env"],
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    environment = dict(line.partition("=")[::2] for line in shown.stdout.splitlines())
    assert environment["POINTBENCH_STORE"].startswith("s3://")
    assert environment["MLFLOW_TRACKING_URI"]
    assert environment["RAY_AUTH_MODE"] == "token"
    assert environment["PATH"].startswith(f"{tmp_path}/venv/bin:")
    slots = sum(
        4 * kind.get("max_workers", 0) * kind["resources"]["GPU"]
        for kind in config["available_node_types"].values()
    )
    assert int(environment["TUNE_MAX_PENDING_TRIALS_PG"]) >= slots
    for kind in ("head_start_ray_commands", "worker_start_ray_commands"):
        assert all(command.startswith(". ~/pointbench.sh;") for command in config[kind])


SRUN = """
import socket, sys, time
arguments = sys.argv[1:]
print("srun", *arguments, file=open("log", "a"), flush=True)
if "--head" in arguments:
    given = dict(a.lstrip("-").split("=", 1) for a in arguments if "=" in a)
    listening = socket.create_server((given["node-ip-address"], int(given["port"])))
    time.sleep(60)
"""


def test_slurm_script_starts_the_head_then_workers_then_the_driver(tmp_path):
    page = (ROOT / "docs" / "cluster.md").read_text()
    (script,) = re.findall(r"```bash\n(#!/bin/bash\n.*?)```", page, re.DOTALL)
    assert all(line.startswith("#SBATCH --") for line in re.findall(r"^#SB.*", script, re.M))
    commands = {
        "python": f'exec "{sys.executable}" "$@"',
        "srun": f'exec "{sys.executable}" srun.py "$@"',
        "hostname": "echo node1",
        "getent": "echo 127.0.0.1 STREAM node1",
        # Workers are started in the background: let the stand-in write its line first.
        "bench": 'until [ "$(grep -c srun log)" = 2 ]; do sleep 0.1; done; echo bench "$@" >> log',
    }
    folder = tmp_path / "venv" / "bin"
    folder.mkdir(parents=True)
    for name, text in commands.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    (folder / "activate").write_text('PATH="$HOME/venv/bin:$PATH"\n')
    (tmp_path / "srun.py").write_text(SRUN)
    job = {"SLURM_JOB_ID": str(os.getpid()), "SLURM_JOB_NUM_NODES": "3", "SLURM_CPUS_PER_TASK": "8"}
    home = {"HOME": str(tmp_path), "USER": "me", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=home | job | {"SLURM_GPUS_ON_NODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    head, workers, driver = (tmp_path / "log").read_text().splitlines()
    port = 20000 + os.getpid() % 20000
    assert "--nodelist=node1 ray start --block --num-cpus=8 --num-gpus=1" in head
    assert "--nodes=2 --ntasks=2 --exclude=node1 ray start" in workers
    assert f"--address=127.0.0.1:{port}" in workers
    assert f"--address 127.0.0.1:{port}" in driver
