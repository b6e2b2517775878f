#!/usr/bin/env python3
"""What bfloat16 costs in quality: one recipe on Fashion-MNIST, the same steps and seeds in bfloat16 and in float32.

What is finished is not trained again: broken off, the script goes on where it was.
"""
import argparse
import pathlib
import statistics
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import FASHION_MNIST, report
from judge import Judge, RealImages, load_samples
from trained import train

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--recipe", default="fast")
parser.add_argument("--steps", type=int, default=2500)
parser.add_argument("--seeds", default="1,2,3", help="by comma; both precisions train with each")
parser.add_argument("--samples", type=int, default=10000)
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()
torch.set_num_threads(options.threads)

judge = Judge(RealImages(FASHION_MNIST))
print(judge.about(), flush=True)
runs = {"bfloat16": [], "float32": []}
for seed in options.seeds.split(","):
    for precision, done in runs.items():
        settings = [f"training.steps={options.steps}", "training.minutes=0", f"training.seed={seed}",
                    f"training.precision={precision}"]
        trained = train(f"quality/precision/{options.recipe}-{precision}-{seed}", FASHION_MNIST, options.recipe,
                        settings, options.samples, options.threads)
        images = load_samples(trained.samples)
        done.append((trained, judge.distance(images), judge.histogram(images).min()))
        print(f"{precision}, seed {seed}: {done[-1][1]:.2f}", file=sys.stderr, flush=True)
rows = []
for precision, done in runs.items():
    distances = [distance for _, distance, _ in done]
    rows.append({"precision": precision, "steps": options.steps,
                 "minutes": f"{statistics.mean(trained.minutes for trained, _, _ in done):.1f}",
                 "Fréchet distance of each seed": ", ".join(f"{distance:.2f}" for distance in distances),
                 "mean": f"{statistics.mean(distances):.2f}",
                 "rarest class": f"{min(rarest for _, _, rarest in done):.1%}"})
report(f"bfloat16 beside float32: {options.recipe} on Fashion-MNIST, seeds {options.seeds}, {options.threads} thread"
       + ("s" if options.threads > 1 else ""), rows)
