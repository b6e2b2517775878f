#!/usr/bin/env python3
"""`forger detect` beside a PyTorch script that does the same with the same model file: images of 32×32 a second, from PNG
files to scores.csv, start-up taken off; and from a cold start to the first score, beside `forger info` of the same model,
which loads it and does nothing with it. The scores of both must agree."""
import argparse
import csv
import sys

from bench import FORGER, PEERS, WORK, fresh, median, megabytes, report, run

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--pairs", type=int, default=5, help="how often peer and Forger take turns")
parser.add_argument("--images", type=int, default=4000)
parser.add_argument("--threads", type=int, default=2)
options = parser.parse_args()

folder = fresh("detect")
run([FORGER, "data", "make", "shapes", folder / "images", "--count", options.images, "--size", 32])
run([FORGER, "data", "make", "shapes", folder / "one", "--count", 1, "--size", 32])
run([FORGER, "train", folder / "images", "--recipe", "detect", "--steps", "30", "--out", folder / "run", "--quiet"])
model = folder / "run/model.safetensors"


def peer(images):
    return run([sys.executable, PEERS / "detect.py", model, folder / images, folder / "peer.csv"], options.threads)


def forger(images):
    return run([FORGER, "detect", model, folder / images, "--out", folder / "found", "--scores-only"], options.threads)


def scores(path):
    with open(path, newline="") as file:
        return {row["file"]: float(row["score"]) for row in csv.DictReader(file)}


peer("images"), forger("images")  # files come into the page cache
ours, theirs = scores(folder / "found/scores.csv"), scores(folder / "peer.csv")
apart = max(abs(ours[name] - theirs[name]) for name in theirs)
if len(ours) != options.images or apart > 0.05:
    sys.exit(f"the scores of {len(ours)} images differ by up to {apart:.3f}")
runs = [[(one("one"), one("images")) for one in (peer, forger)] for _ in range(options.pairs)]
speeds = [[(options.images - 1) / (many.seconds - one.seconds) for one, many in pair] for pair in runs]
info = [run([FORGER, "info", model]).seconds for _ in range(options.pairs)]
report(f"Detecting in {options.images} images of 32×32", [
    {"": name, "images/s": f"{median([pair[side] for pair in speeds]):.0f}",
     "ratio": f"{median([pair[side] / pair[0] for pair in speeds]):.2f}",
     "first score after (s)": f"{median([pair[side][0].seconds for pair in runs]):.2f}",
     "peak memory": megabytes(median([pair[side][1].peak_bytes for pair in runs]))}
    for side, name in enumerate(("PyTorch script", "forger detect"))]
    + [{"": "forger info (loads the model)", "images/s": "", "ratio": "", "first score after (s)": f"{median(info):.2f}",
        "peak memory": ""}])
print(f"scores agree within {apart:.4f}")
