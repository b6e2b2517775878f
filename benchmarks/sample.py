#!/usr/bin/env python3
"""From a cold start to a grid of 64 images of 32x32: `forger sample` beside the shortest Python script that does it.

Both draw with PyTorch-GAN's generator. Cold means a new process; files are in the page cache for both.
"""
import argparse
import sys

from bench import FASHION_MNIST, FORGER, PEERS, WORK, fresh, median, megabytes, report, run

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--pairs", type=int, default=9, help="how often peer and Forger take turns")
parser.add_argument("--model", help="a model file or run; without it one is trained for a few steps")
options = parser.parse_args()

model = options.model
if not model:
    model = fresh("sample/run")
    run([FORGER, "train", FASHION_MNIST if FASHION_MNIST.exists() else "synthetic:shapes",
         "--recipe", "pytorch-gan-dcgan", "--steps", "2", "--out", model, "--quiet"])
weights, grid = WORK / "sample/generator.pt", WORK / "sample/grid.png"
weights.parent.mkdir(parents=True, exist_ok=True)


def run_peer():
    return run([sys.executable, PEERS / "sample.py", weights, WORK / "sample/peer.png"])


def run_forger():
    return run([FORGER, "sample", model, "--count", "64", "--out", grid])


run_peer(), run_forger()  # files come into the page cache, and the peer's weights are made
pairs = [(run_peer(), run_forger()) for _ in range(options.pairs)]
rows = [{"": name,
         "seconds": f"{median([pair[side].seconds for pair in pairs]):.2f}",
         "share of the peer's": f"{median([pair[side].seconds / pair[0].seconds for pair in pairs]):.2f}",
         "peak memory": megabytes(median([pair[side].peak_bytes for pair in pairs]))}
        for side, name in enumerate(("Python script", "forger sample"))]
report("64 images at 32×32 from a cold start", rows)
