#!/usr/bin/env python3
"""Where the time of a training step goes, and what share of the processor's own matrix speed is reached.

oneDNN says of each convolution and matrix product how long it took (ONEDNN_VERBOSE); what it does not name is the rest:
normalisation, activations, losses, optimisers, averaging, data. The machine's matrix speed is that of the best of some
products of two 2048×2048 matrices, with the same number type and threads, right before.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys

from bench import FASHION_MNIST, FORGER, ROOT, fresh, median, report

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--recipe", default="fast")
parser.add_argument("--data", default=str(FASHION_MNIST), help="any DATA")
parser.add_argument("--steps", type=int, default=60, help="the first 20 are not counted")
parser.add_argument("--precision", default="auto", help="training.precision")
parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
options = parser.parse_args()

WARM_UP = 20
MATRIX_SPEED = """
import sys, time, torch
kind, size = getattr(torch, sys.argv[1]), 2048
a, b = torch.randn(size, size).to(kind), torch.randn(size, size).to(kind)
best = 1e9
for _ in range(12):
    start = time.perf_counter()
    a @ b
    best = min(best, time.perf_counter() - start)
print(2 * size ** 3 / best)
"""


def environment(**more):
    return dict(os.environ, OMP_NUM_THREADS=str(options.threads), MKL_NUM_THREADS=str(options.threads), **more)


def operations(kind, shape):
    """Additions and multiplications of a primitive, from oneDNN's words for its problem; 0 where there are none."""
    if kind == "matmul":
        (m, k), n = [int(number) for number in shape.split(":")[0].split("x")[-2:]], int(shape.split(":")[1].split("x")[-1])
        return 2 * m * k * n
    if kind not in ("convolution", "deconvolution"):
        return 0
    number = {key: int(value) for key, value in re.findall(r"([a-z]+)(\d+)", shape)}
    pixels = number["oh"] * number["ow"] if kind == "convolution" else number["ih"] * number["iw"]
    return 2 * number["mb"] * number["ic"] * number["oc"] * number["kh"] * number["kw"] * pixels


def steps_of(output):
    """For each step its seconds, and {(kind of primitive, bfloat16 or float32): [milliseconds, operations]}."""
    parts, steps = collections.defaultdict(lambda: [0, 0]), []
    for line in output.splitlines():
        if line.startswith("onednn_verbose") and ",exec," in line:
            fields = line.split(",")
            kind, propagation = fields[5], fields[7]
            number = "bfloat16" if "bf16" in fields[8] else "float32"
            name = f"{kind}, {propagation.replace('_', ' ')}" if "convolution" in kind else kind
            part = parts[name, number]
            part[0] += float(fields[-1])
            part[1] += operations(kind, fields[-2])
        elif line.startswith('{"step"') or line.startswith('{"kind":"step"'):
            steps.append((json.loads(line)["step_seconds"], parts))
            parts = collections.defaultdict(lambda: [0, 0])
    return steps


out = fresh("profile/run")
done = subprocess.run(
    [FORGER, "train", options.data, "--recipe", options.recipe, "--steps", str(options.steps), "--out", out, "--json",
     "--set", "referee.mode=off", "--set", f"training.precision={options.precision}",
     "--set", f"training.threads={options.threads}"],
    env=environment(ONEDNN_VERBOSE="profile_exec"), cwd=ROOT, capture_output=True, text=True)
if done.returncode != 0:
    sys.exit(done.stderr)
steps = steps_of(done.stdout)[WARM_UP:]
if not steps:
    sys.exit(f"{options.steps} steps are too few, accepted: more than {WARM_UP}")
step_ms = 1000 * median([seconds for seconds, _ in steps])
names = sorted({name for _, parts in steps for name in parts}, key=lambda name: -median([parts[name][0] for _, parts in steps]))
peaks = {number: float(subprocess.run([sys.executable, "-c", MATRIX_SPEED, number], env=environment(), check=True,
                                      capture_output=True, text=True).stdout) for number in {name[1] for name in names}}
rows, named = [], 0
for name in names:
    milliseconds = median([parts[name][0] for _, parts in steps])
    done = median([parts[name][1] for _, parts in steps])
    named += milliseconds
    speed = done / milliseconds * 1000 if milliseconds and done else 0
    rows.append({"part": ", ".join(name), "ms a step": f"{milliseconds:.2f}", "share of the step": f"{milliseconds / step_ms:.0%}",
                 "GFLOP/s": f"{speed / 1e9:.0f}" if speed else "", "share of the matrix speed": f"{speed / peaks[name[1]]:.0%}" if speed else ""})
rows.append({"part": "the rest", "ms a step": f"{step_ms - named:.2f}", "share of the step": f"{1 - named / step_ms:.0%}",
             "GFLOP/s": "", "share of the matrix speed": ""})
total = median([sum(part[1] for part in parts.values()) for _, parts in steps])
rows.append({"part": "a step", "ms a step": f"{step_ms:.2f}", "share of the step": "100%", "GFLOP/s": f"{total / step_ms / 1e6:.0f}",
             "share of the matrix speed": f"{total / step_ms * 1000 / max(peaks.values()):.0%}"})
peak = ", ".join(f"{number} {speed / 1e9:.0f} GFLOP/s" for number, speed in sorted(peaks.items()))
report(f"Where a step of `{options.recipe}` goes, {options.threads} threads; matrix speed {peak}", rows)
