#!/usr/bin/env python3
"""Every recipe, trained for the budget that it names, on Fashion-MNIST and, where it lies beside the project, on
CIFAR-10: Fréchet distance, class balance, twins, and one sheet of samples for each data set.

Budgets are steps, so that a busy machine changes the time and not the result. `fast`, whose budget is minutes, gets a
number of steps here. What is finished is not trained again: broken off, the script goes on where it was.
"""
import argparse
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import CIFAR10, FASHION_MNIST, ROOT, WORK, report
from judge import Judge, RealImages, load_samples, resized
from sheet import draw_sheet
from trained import train

STEPS_OF_FAST = 3000

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--recipes", default=",".join(sorted(path.stem for path in (ROOT / "recipes").glob("*.toml")
                                                             if path.stem != "points")))
parser.add_argument("--data", default=",".join(str(path) for path in (FASHION_MNIST, CIFAR10) if path.exists()))
parser.add_argument("--steps", type=int, default=0, help="train each so long instead of for its own budget")
parser.add_argument("--samples", type=int, default=10000)
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()
torch.set_num_threads(options.threads)


def settings_of(recipe, channels):
    settings = []
    steps = options.steps or (STEPS_OF_FAST if recipe == "fast" else 0)
    if steps:
        settings += [f"training.steps={steps}", "training.minutes=0"]
    if recipe.startswith("pytorch-"):  # these two name the shape of their authors' images
        settings.append(f"data.channels={channels}")
    return settings


def row_of(name, judge, images, **cost):
    return {"recipe": name, **cost, "Fréchet distance": f"{judge.distance(images):.2f}",
            "rarest class": f"{judge.histogram(images).min():.1%}", "twins": f"{judge.twins(images):.1%}",
            "samples": len(images)}


for data in options.data.split(","):
    name = pathlib.Path(data).parent.name if data.endswith(".tar") else pathlib.Path(data).name
    judge = Judge(RealImages(data))
    print(judge.about(), flush=True)
    real = judge.real.test[0]
    rows, strips = [], []
    for recipe in options.recipes.split(","):
        done = train(f"quality/{name}/{recipe}", data, recipe, settings_of(recipe, real.shape[3]), options.samples,
                     options.threads)
        images = load_samples(done.samples)
        rows.append(row_of(recipe, judge, images, minutes=f"{done.minutes:.1f}", steps=done.steps))
        print(rows[-1], file=sys.stderr, flush=True)
        strips.append((recipe, images if images.shape[1] == real.shape[1] else resized(images[:64], real.shape[1])))
    rows.append(row_of("(real test images)", judge, real, minutes="", steps=""))
    strips.append(("real images", real))
    draw_sheet(WORK / f"quality/{name}.png", strips)
    report(f"Recipes on {name}, {options.threads} thread{'s' if options.threads > 1 else ''}", rows)
    print(f"samples: build/bench/quality/{name}.png")
