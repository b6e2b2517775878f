#!/usr/bin/env python3
"""One training by two processes of one thread each beside the same by one process of two threads: images a second of each recipe,
in turn, with batch statistics of all (`sync`) and of each process. For `pytorch-examples-dcgan` also PyTorch's step, in which
DistributedDataParallel shares the work."""
import argparse
import json
import operator
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import CIFAR10, PEERS, forger, fresh, median, report, run

PEER_STEPS = 30

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--recipes", default="fast,pytorch-examples-dcgan")
parser.add_argument("--pairs", type=int, default=3)
parser.add_argument("--seconds", type=float, default=15, help="of each training")
options = parser.parse_args()


def speed(recipe, processes, *settings):
    """Images a second after the first third."""
    folder = fresh("processes/run")
    given = [argument for setting in (f"training.threads={2 // processes}", "referee.mode=off", *settings) for argument in ("--set", setting)]
    forger("train", CIFAR10, "--recipe", recipe, "--minutes", options.seconds / 60, "--quiet", "--processes", processes, "--out", folder, *given)
    lines = [json.loads(line) for line in (folder / "steps.jsonl").read_text().splitlines()]
    first, last = next(line for line in lines if line["seconds"] > options.seconds / 3), lines[-1]
    return (last["images"] - first["images"]) / (last["seconds"] - first["seconds"])


def speed_of_peer(processes):
    folder, torchrun = fresh("processes/peer"), pathlib.Path(sys.executable).with_name("torchrun")
    starter = [torchrun, "--standalone", "--nproc-per-node", processes] if processes > 1 else [sys.executable]
    run([*starter, PEERS / "pytorch_examples_dcgan.py", CIFAR10, "--steps", PEER_STEPS, "--out", folder], threads=2 // processes)
    lines = next(folder.rglob("steps.jsonl")).read_text().splitlines()
    return 64 / median([json.loads(line)["step_seconds"] for line in lines[PEER_STEPS // 3:]])


def row(name, sets):
    one, two, each = zip(*sets)
    return {"training": name, "one process": f"{median(one):.0f} images/s",
            "two, statistics of each": f"{median(each):.0f}", "ratio": f"{median(map(operator.truediv, each, one)):.2f}",
            "two, of all": f"{median(two):.0f}" if two[0] else "",
            "its ratio": f"{median(map(operator.truediv, two, one)):.2f}" if two[0] else ""}


rows = []
for recipe in options.recipes.split(","):
    sets, peers = [], []
    for _ in range(options.pairs):
        sets.append((speed(recipe, 1), speed(recipe, 2), speed(recipe, 2, "training.batch_norm=each")))
        if recipe == "pytorch-examples-dcgan":
            peers.append((speed_of_peer(1), 0, speed_of_peer(2)))
    print(recipe, sets, peers, file=sys.stderr)
    rows.append(row(recipe, sets))
    if peers:
        rows.append(row("PyTorch, DistributedDataParallel", peers))
report("One training by two processes", rows)
