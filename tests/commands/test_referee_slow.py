"""The referee against ground truth, in the short form of its benchmark."""
import json
import os
import pathlib
import subprocess
import sys

import pytest

SOURCE = pathlib.Path(os.environ["FORGER_SOURCE"])
LEAST_MACRO_F1 = 0.6  # of the few runs of the short form, both halves together


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    out = tmp_path_factory.mktemp("referee")
    done = subprocess.run([sys.executable, SOURCE / "benchmarks/referee/run.py", "--form", "short", "--out", out],
                          capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads((out / "scores.json").read_text())


def test_no_run_is_called_converged_that_is_not(measured):
    false = [(r["setup"], r["inducer"], r["seed"], r["false_converged"]) for r in measured["results"] if r["false_converged"]]
    assert not false


def test_the_states_that_the_oracle_sees_are_named(measured):
    assert measured["scores"]["both"]["macro_f1"] >= LEAST_MACRO_F1
