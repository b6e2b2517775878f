#!/usr/bin/env python3
"""Forger's default recipe beside PyTorch-GAN's DCGAN on Fashion-MNIST, after the same wall time, start-up included.

Forger trains first, with its own clock; the peer then gets the wall time that Forger's whole program took. Both draw
10,000 images; one judge measures both (judge.py).
"""
import argparse
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import FASHION_MNIST, FORGER, PEERS, fresh, median, read_steps, report, run
from judge import Judge, RealImages, load_samples, resized

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--minutes", type=float, default=10)
parser.add_argument("--recipe", default="fast")
parser.add_argument("--seeds", default="1", help="seeds by comma; each trains both sides once")
parser.add_argument("--samples", type=int, default=10000)
parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
parser.add_argument("--set", action="append", default=[], help="passed on to forger train, e.g. to compare precisions")
options = parser.parse_args()


def run_forger(seed):
    out = fresh(f"quality/compare/forger-{seed}")
    changes = [part for change in options.set for part in ("--set", change)]
    measured = run([FORGER, "train", FASHION_MNIST, "--recipe", options.recipe, "--minutes", options.minutes,
                    "--seed", seed, "--out", out, "--quiet", *changes], options.threads)
    samples = out.with_suffix(".npz")
    run([FORGER, "sample", out, "--count", options.samples, "--out", samples])
    run([FORGER, "sample", out, "--count", 64, "--out", out.with_suffix(".png")])
    return measured.seconds, read_steps(out, skip=0)[-1]["step"], samples


def run_peer(seed, seconds):
    out = fresh(f"quality/compare/peer-{seed}")
    run([sys.executable, PEERS / "pytorch_gan_dcgan.py", FASHION_MNIST, "--seconds", f"{seconds:.1f}", "--seed", seed,
         "--samples", options.samples, "--out", out], options.threads)
    return seconds, read_steps(out, skip=0)[-1]["step"], out / "samples.npz"


results = {f"forger train --recipe {options.recipe}": [], "PyTorch-GAN's DCGAN": []}
for seed in options.seeds.split(","):
    forger = run_forger(seed)
    for runs, result in zip(results.values(), (forger, run_peer(seed, forger[0]))):
        runs.append(result)

# The judge is trained after the runs, which should have the machine to themselves.
judge = Judge(RealImages(FASHION_MNIST))
print(judge.about())
rows = []
for name, runs in results.items():
    images = [load_samples(samples) for _, _, samples in runs]
    rows.append({"trained with": name,
                 "seconds": f"{median([seconds for seconds, _, _ in runs]):.0f}",
                 "steps": f"{median([steps for _, steps, _ in runs]):.0f}",
                 "Fréchet distance": ", ".join(f"{judge.distance(part):.2f}" for part in images),
                 "rarest class": f"{min(judge.histogram(part).min() for part in images):.1%}",
                 "samples": options.samples})
# The peer draws 32×32, which the judge resizes: the last row says how much that alone costs it.
test = judge.real.test[0]
for name, images in (("(real test images)", test), ("(the same, enlarged to 32×32)", resized(test, 32))):
    rows.append({"trained with": name, "seconds": "", "steps": "",
                 "Fréchet distance": f"{judge.distance(images):.2f}",
                 "rarest class": f"{judge.histogram(images).min():.1%}", "samples": len(images)})
report(f"Quality after {options.minutes:g} minutes on Fashion-MNIST, seeds {options.seeds}, {options.threads} threads",
       rows)
