#!/usr/bin/env python3
"""One training by two processes of one thread each beside the same by one process of two threads: images a second of each recipe,
in turn, with batch statistics of all (`sync`) and of each process."""
import argparse
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import CIFAR10, forger, fresh, median, report

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--recipes", default="fast,pytorch-examples-dcgan")
parser.add_argument("--pairs", type=int, default=3)
parser.add_argument("--seconds", type=float, default=15, help="of each training")
options = parser.parse_args()


def speed(recipe, processes, *settings):
    """Images a second after the first third."""
    run = fresh("processes/run")
    given = [argument for setting in (f"training.threads={2 // processes}", "referee.mode=off", *settings) for argument in ("--set", setting)]
    forger("train", CIFAR10, "--recipe", recipe, "--minutes", options.seconds / 60, "--quiet", "--processes", processes, "--out", run, *given)
    lines = [json.loads(line) for line in (run / "steps.jsonl").read_text().splitlines()]
    first, last = next(line for line in lines if line["seconds"] > options.seconds / 3), lines[-1]
    return (last["images"] - first["images"]) / (last["seconds"] - first["seconds"])


rows = []
for recipe in options.recipes.split(","):
    sets = [(speed(recipe, 1), speed(recipe, 2), speed(recipe, 2, "training.batch_norm=each")) for _ in range(options.pairs)]
    rows.append({"recipe": recipe, "one process": f"{median(one for one, _, _ in sets):.0f} images/s",
                 "two": f"{median(two for _, two, _ in sets):.0f}", "ratio": f"{median(two / one for one, two, _ in sets):.2f}",
                 "two, statistics of each": f"{median(each for _, _, each in sets):.0f}",
                 "its ratio": f"{median(each / one for one, _, each in sets):.2f}"})
report("One training by two processes", rows)
