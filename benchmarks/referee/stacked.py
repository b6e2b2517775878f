#!/usr/bin/env python3
"""Stacked modes: how many of 1,000 kinds of pictures a recipe's generator draws. A picture stacks three clothes as its
colours; a classifier of single clothes reads each colour, and the three classes are the mode.

    stacked.py [--recipes gan,r3gan] [--minutes 30]
"""
import argparse
import json
import multiprocessing
import pathlib

import numpy

import trainings
from tasks import FASHION_MNIST, SETS, STACKED_COUNT, WORK, loaded

MODES = 1000


def modes_of(images):
    """(modes hit, KL divergence from the uniform distribution) of uint8 pictures [N, 28, 28, 3]."""
    from judge import Judge
    judge = Judge(loaded(FASHION_MNIST))
    answers = [numpy.concatenate([judge._logits(part).argmax(1) for part in judge._batches(images[..., i:i + 1])])
               for i in range(3)]
    share = numpy.bincount(answers[0] * 100 + answers[1] * 10 + answers[2], minlength=MODES) / len(images)
    present = share[share > 0]
    return len(present), float((present * numpy.log(present * MODES)).sum())


def train(task):
    root, recipe, minutes, threads = task
    folder = root / f"runs/stacked-{recipe}"
    samples = folder.with_suffix(".npz")
    if not trainings.kept(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        code, seconds, words = trainings.program(
            "train", SETS["stacked"].source, "--recipe", recipe, "--minutes", minutes, "--out", folder, "--quiet",
            "--set", f"training.threads={threads}", limit=minutes * 60 + 1200, threads=threads)
        if code:
            raise RuntimeError(f"{folder}: {words}")
        trainings.finish(folder, seconds=seconds)
    if not samples.exists():
        trainings.program("sample", folder, "--count", STACKED_COUNT, "--out", samples, threads=threads)
    with numpy.load(samples) as file:
        modes, divergence = modes_of(file["images"])
    return recipe, {"modes": modes, "divergence": divergence, "steps": trainings.lines(folder / "steps.jsonl")[-1]["step"],
                    "minutes": trainings.kept(folder)["seconds"] / 60}


def measure(root, jobs=2, recipes=("gan", "r3gan"), minutes=30):
    threads = 1 if jobs > 1 else 2
    SETS["stacked"].source  # written before two processes want it
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        return dict(pool.imap(train, [(pathlib.Path(root), recipe, minutes, threads) for recipe in recipes]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipes", default="gan,r3gan")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", default=str(WORK / "referee"))
    options = parser.parse_args()
    print(json.dumps(measure(options.out, options.jobs, options.recipes.split(","), options.minutes), indent=1))
    print(f"of {STACKED_COUNT:,} real pictures:", *modes_of(SETS["stacked"].train))


if __name__ == "__main__":
    main()
