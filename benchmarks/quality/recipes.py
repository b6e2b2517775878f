#!/usr/bin/env python3
"""Every recipe, trained for the budget that it names (or --minutes), on Fashion-MNIST and, where it lies beside the
project, on CIFAR-10: Fréchet distance, class balance and a sample grid of each."""
import argparse
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import CIFAR10, FASHION_MNIST, FORGER, ROOT, WORK, fresh, read_steps, report, run
from judge import Judge, RealImages, load_samples

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--recipes", default=",".join(sorted(path.stem for path in (ROOT / "recipes").glob("*.toml"))))
parser.add_argument("--data", default=",".join(str(path) for path in (FASHION_MNIST, CIFAR10) if path.exists()))
parser.add_argument("--minutes", type=float, default=0, help="train each so long instead of for its own budget")
parser.add_argument("--samples", type=int, default=10000)
parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
options = parser.parse_args()

for data in options.data.split(","):
    name = pathlib.Path(data).parent.name if data.endswith(".tar") else pathlib.Path(data).name
    trained = []
    for recipe in options.recipes.split(","):
        out = fresh(f"quality/{name}/{recipe}")
        budget = ["--minutes", options.minutes] if options.minutes else []
        print(f"training {recipe} on {name} …", file=sys.stderr)
        measured = run([FORGER, "train", data, "--recipe", recipe, *budget, "--out", out, "--quiet"], options.threads)
        run([FORGER, "sample", out, "--count", 64, "--out", out.with_suffix(".png")])
        run([FORGER, "sample", out, "--count", options.samples, "--out", out.with_suffix(".npz")])
        trained.append((recipe, measured, out))
    judge = Judge(RealImages(data))
    print(judge.about())
    rows = []
    for recipe, measured, out in trained:
        images = load_samples(out.with_suffix(".npz"))
        rows.append({"recipe": recipe, "minutes": f"{measured.seconds / 60:.1f}",
                     "steps": read_steps(out, skip=0)[-1]["step"],
                     "Fréchet distance": f"{judge.distance(images):.2f}",
                     "rarest class": f"{judge.histogram(images).min():.1%}",
                     "samples": len(images), "grid": out.with_suffix(".png").relative_to(WORK)})
    rows.append({"recipe": "(real test images)", "minutes": "", "steps": "",
                 "Fréchet distance": f"{judge.distance(judge.real.test[0]):.2f}",
                 "rarest class": f"{judge.histogram(judge.real.test[0]).min():.1%}",
                 "samples": len(judge.real.test[0]), "grid": ""})
    report(f"Recipes on {name}", rows)
