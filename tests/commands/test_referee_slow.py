"""The referee against ground truth: the short form of benchmarks/referee on spoilt and healthy games on the plane.

What was finished in time depends on the machine, so the bounds are on rates, and leave room for some misnamed runs where
all of them were named right (docs/referee.md).
"""
import json
import os
import pathlib
import subprocess
import sys

BENCHMARK = pathlib.Path(os.environ["FORGER_SOURCE"]) / "benchmarks/referee/run.py"
MINUTES = 6


def test_names_what_the_oracle_saw_and_never_praises_falsely(tmp_path):
    result = subprocess.run(
        [sys.executable, BENCHMARK, "--setups", "ring,grid", "--minutes-limit", str(MINUTES), "--out", tmp_path],
        capture_output=True, text=True, timeout=1500)
    assert result.returncode == 0, result.stderr
    scores = json.loads((tmp_path / "scores.json").read_text())["scores"]["both"]
    assert scores["judged"] >= 5, result.stderr
    assert scores["macro_f1"] >= 0.6, result.stdout
    assert scores["false_converged"] == 0, result.stdout
    assert scores["healthy_runs_with_false_alarms"] <= scores["healthy_runs"] / 4, result.stdout
