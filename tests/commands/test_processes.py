"""Trainings that several processes share, as a person runs them."""
import collections
import json
import os
import pathlib
import re
import signal
import socket
import time

import pytest
from safetensors.numpy import load_file

from processes import apart, ranks, started, wait_for_a_step
from program import done, refused_in_one_line, run

POINTS = ("train", "synthetic:ring8", "--quiet", "--set", "training.precision=float32", "--set", "referee.mode=off",
          "--set", "training.threads=1", "--set", "generator.learning_rate=1e-5", "--set", "discriminator.learning_rate=1e-5")


def training(folder, processes=2, settings=()):
    """A long training by several processes, once it has made a step."""
    process = started("train", "synthetic:ring8", "--minutes", 5, "--out", folder, "--processes", processes, *settings)
    wait_for_a_step(process, folder)
    return process


def alone_in(environment):
    """An environment in which a process is one of several that somebody else has started."""
    return {**os.environ, **{name: str(value) for name, value in environment.items()}}


@pytest.mark.slow
def test_two_processes_compute_what_one_computes(tmp_path):
    done(*POINTS, "--steps", 30, "--out", tmp_path / "one")
    done(*POINTS, "--steps", 30, "--out", tmp_path / "two", "--processes", 2)
    assert apart(tmp_path / "one", tmp_path / "two") < 1e-4
    # A run goes on with another number of them.
    done(*POINTS, "--steps", 15, "--out", tmp_path / "parts", "--processes", 2)
    done("resume", tmp_path / "parts", "--steps", 30, "--quiet")
    assert apart(tmp_path / "one", tmp_path / "parts") < 1e-4
    done("resume", tmp_path / "parts", "--steps", 40, "--quiet", "--processes", 2)
    done("resume", tmp_path / "one", "--steps", 40, "--quiet")
    assert apart(tmp_path / "one", tmp_path / "parts") < 1e-4


@pytest.mark.slow
def test_one_of_several_writes_and_says(tmp_path):
    shared = run("train", "synthetic:ring8", "--steps", 30, "--out", tmp_path / "run", "--processes", 2)
    assert shared.returncode == 0, shared.stderr
    assert shared.stdout.count("training points on") == 1 and shared.stdout.count("trained 30 steps") == 1
    lines = (tmp_path / "run/steps.jsonl").read_text().splitlines()
    assert len(lines) == len(set(lines))


@pytest.mark.slow
def test_messages_are_as_large_as_the_documentation_says(tmp_path):
    def sent(folder, *settings):
        """KiB a step and rank, and how many numbers each network has of a kind."""
        arguments = [argument for setting in settings for argument in ("--set", setting)]
        done("train", "synthetic:shapes", "--recipe", "pytorch-gan-dcgan", "--steps", 20, "--quiet", "--processes", 2, "--out", folder, "--set",
             "referee.mode=off", "--set", "data.size=[16,16]", "--set", "training.batch_size=8", "--set", "generator.width=2", "--set",
             "discriminator.width=2", *arguments)
        counts = {"weight": collections.Counter(), "running_mean": collections.Counter()}
        for name, tensor in load_file(folder / "checkpoints/00000020.safetensors").items():
            player, _, its_name = name.partition(".")
            kind, _, layer = its_name.partition(".")
            last = layer.rpartition(".")[2]
            if kind == "network" and not last.startswith(("running", "num_batches")):
                counts["weight"][player] += tensor.size
            elif kind == "network" and last == "running_mean":
                counts["running_mean"][player] += tensor.size
        losses = len(json.loads((folder / "steps.jsonl").read_text().splitlines()[-1])["losses"])
        said = re.search(r"each handed ([0-9.]+) KiB a step", (folder / "log.txt").read_text())
        return float(said.group(1)), counts["weight"], counts["running_mean"], losses

    # Gradients of both turns; 4 answers to real images, 4 to fakes in each turn; losses, and three numbers about the training.
    each, weights, channels, losses = sent(tmp_path / "each", "training.batch_norm=each")
    alike = 4 * (weights["generator"] + weights["discriminator"]) + 4 * 3 * 4 + 8 * (losses + 3)
    assert abs(each - alike / 1024) < 0.06
    # Two numbers a channel whenever a batch passes through a layer or its gradient comes back: 1 + 1 and 3 + 3 times.
    of_all, *_ = sent(tmp_path / "all")
    assert abs(of_all - (alike + 8 * (2 * channels["generator"] + 6 * channels["discriminator"])) / 1024) < 0.06
    assert of_all - each > 1


@pytest.mark.slow
@pytest.mark.parametrize("rank", [0, 1])
def test_ctrl_c_on_one_ends_all_with_a_checkpoint(tmp_path, rank):
    process = training(tmp_path / "run")
    os.kill(ranks(process)[rank], signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0 and not errors
    assert "go on with: forger resume" in output
    step = int((tmp_path / "run/checkpoints/latest").read_text().split(".")[0])
    assert step > 0
    assert run("resume", tmp_path / "run", "--steps", step + 5, "--quiet", "--processes", 2).returncode == 0


@pytest.mark.slow
def test_ctrl_c_on_who_started_them_ends_all(tmp_path):
    process = training(tmp_path / "run")
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0 and not errors and "go on with: forger resume" in output


def signalled_one_ends_all(tmp_path, rank, stop, what):
    """One line about a process that got a signal, and no trace of it."""
    process = training(tmp_path / "run", settings=("--set", "training.process_timeout=3"))
    before = (tmp_path / "run/checkpoints/latest").read_text()
    pid = ranks(process)[rank]
    start = time.monotonic()
    os.kill(pid, stop)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2 and time.monotonic() - start < 30
    assert errors.startswith(f"forger: rank {rank} on ") and what in errors and errors.count("\n") == 1, errors
    assert (tmp_path / "run/checkpoints/latest").read_text() == before
    assert not pathlib.Path(f"/proc/{pid}").exists()


@pytest.mark.slow
@pytest.mark.parametrize("rank", [0, 1])
def test_one_that_dies_ends_all_with_one_line(tmp_path, rank):
    signalled_one_ends_all(tmp_path, rank, signal.SIGKILL, "ended")


@pytest.mark.slow
@pytest.mark.parametrize("rank", [0, 2])
def test_of_three_the_one_that_died_is_named(tmp_path, rank):
    process = training(tmp_path / "run", processes=3, settings=("--set", "training.batch_size=48"))
    os.kill(ranks(process)[rank], signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert errors.startswith(f"forger: rank {rank} on ") and errors.count("\n") == 1, errors


@pytest.mark.slow
def test_a_batch_that_is_not_shared_evenly_is_refused_once(tmp_path):
    message = refused_in_one_line(*POINTS, "--processes", 3, "--set", "training.batch_size=16", "--out", tmp_path / "run")
    assert "received 16 items for 3 processes" in message and "15 or 18" in message
    message = refused_in_one_line(*POINTS, "--processes", 4, "--set", "training.batch_size=2", "--out", tmp_path / "run")
    assert "received 2 items for 4 processes" in message
    assert not (tmp_path / "run").exists()


def test_processes_that_do_not_fit_are_refused_before_the_first_step(tmp_path):
    environment = {"WORLD_SIZE": 2, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": 20000 + os.getpid() % 20000}
    arguments = [*POINTS, "--steps", 5, "--out", tmp_path / "run"]
    first = started(*arguments, env=alone_in({**environment, "RANK": 0}))
    second = started(*arguments, "--set", "generator.width=24", env=alone_in({**environment, "RANK": 1}))
    _, errors = first.communicate(timeout=60)
    _, others = second.communicate(timeout=60)
    assert first.returncode == second.returncode == 2
    assert "rank 1: received width = 24, accepted: width = " in errors and "as rank 0 has it" in errors
    assert errors.count("\n") == 1 and not others
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_who_does_not_come_is_named(tmp_path):
    environment = {"WORLD_SIZE": 2, "RANK": 0, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": 20001 + os.getpid() % 20000}
    message = refused_in_one_line(*POINTS, "--set", "training.process_timeout=1", "--out", tmp_path / "run", env=alone_in(environment))
    assert "rank 1 did not come within 1 s" in message
    assert not (tmp_path / "run").exists()


def test_a_port_in_use_and_a_missing_address_are_said_at_once(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        rank = {"RANK": 0, "WORLD_SIZE": 2}
        for environment, words in (({**rank, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}, f"MASTER_PORT: received {port}"),
                                   (rank, "MASTER_ADDR is not set"), ({"WORLD_SIZE": 2}, "RANK: WORLD_SIZE is set")):
            said = refused_in_one_line(*POINTS, "--steps", 2, "--out", tmp_path / "run", env=alone_in(environment))
            assert words in said
    assert not (tmp_path / "run").exists()
