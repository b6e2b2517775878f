"""Calls that several processes share, for the tests beside this file."""
import contextlib
import os
import pathlib
import signal
import subprocess
import time

import numpy
import pytest
from safetensors.numpy import load_file

from program import PROGRAM, run


def started(*arguments, **options):
    return subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def ranks(process):
    """The processes that one has started, by their rank."""
    children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    found = {}
    for child in map(int, children):
        with contextlib.suppress(OSError):  # it has just ended
            for variable in pathlib.Path(f"/proc/{child}/environ").read_bytes().split(b"\0"):
                if variable.startswith(b"RANK="):
                    found[int(variable[5:])] = child
    return found


def wait_for_a_step(process, folder):
    """Until the training that it does, or takes part in, has made one."""
    steps = folder / "steps.jsonl"
    end = time.monotonic() + 60
    while not (steps.exists() and steps.stat().st_size):
        assert process.poll() is None and time.monotonic() < end, process.communicate()
        time.sleep(0.05)


def apart(one, other):
    """How far two model files' weights are apart, as a share of their norm."""
    one, other = (load_file(folder / "model.safetensors") for folder in (one, other))
    assert one.keys() == other.keys()
    norm = lambda tensors: numpy.sqrt(sum(float((tensor.astype(float) ** 2).sum()) for tensor in tensors))
    return norm(one[name] - other[name].astype(float) for name in one) / norm(one.values())


def ends_all_where_one_is_killed(*arguments, began, rank=1):
    """Kills one of two processes once `began()` is true, and expects one line about it."""
    process = started(*arguments, "--processes", 2)
    end = time.monotonic() + 60
    while not began():
        assert process.poll() is None and time.monotonic() < end, process.communicate()
        time.sleep(0.01)
    os.kill(ranks(process)[rank], signal.SIGKILL)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 2 and not output, (process.returncode, output)
    assert errors.startswith(f"forger: rank {rank} on ") and "was ended by signal 9" in errors and errors.count("\n") == 1, errors


def same(one, several, out=(None, None)):
    """That two calls say the same, but for where it goes, and end alike."""
    said = lambda text, folder: text.replace(str(folder), "OUT") if folder else text
    assert several.returncode == one.returncode, several.stderr
    assert said(several.stdout, out[1]) == said(one.stdout, out[0])
    assert said(several.stderr, out[1]) == said(one.stderr, out[0])


def assert_same_files(one, several, exact=True):
    """That two folders hold the same names and, where `exact`, the same bytes under them."""
    names = sorted(str(path.relative_to(one)) for path in one.rglob("*"))
    assert names == sorted(str(path.relative_to(several)) for path in several.rglob("*"))
    for name in names:
        if exact and (one / name).is_file():
            assert (one / name).read_bytes() == (several / name).read_bytes(), name


def alike(*arguments, folder, processes, exact=True):
    """Runs a command with --out alone and as several processes; what they say and write must be the same. Returns both folders."""
    one, several = folder / "one", folder / f"by-{processes}"
    alone = run(*arguments, "--out", one)
    shared = run(*arguments, "--out", several, "--processes", processes)
    same(alone, shared, (one, several))
    assert_same_files(one, several, exact)
    return one, several


def near(one, several, tolerance=2e-3):
    """That two answers in JSON are the same, but for rounding."""
    if isinstance(one, dict):
        assert one.keys() == several.keys()
        for key in one:
            near(one[key], several[key], tolerance)
    elif isinstance(one, list):
        assert len(one) == len(several)
        for left, right in zip(one, several):
            near(left, right, tolerance)
    elif isinstance(one, float):
        assert several == pytest.approx(one, rel=tolerance, abs=tolerance)
    else:
        assert several == one
