#!/usr/bin/env python3
"""How well the recipe `detect` tells normal images from others: each class of Fashion-MNIST and, where it lies beside the
project, of CIFAR-10 in turn as the normal one, trained on its training split alone, judged on the whole test split by the
area under the ROC curve (AUROC; 50 % is chance). And how well its maps show where a defect is (pixel AUROC), on textures
and clothes with defects of known places (defects.py). What is finished is not trained again.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import BSDS500, CIFAR10, FASHION_MNIST, FORGER, ROOT, WORK, report
from defects import CLOTHES, KINDS, TEXTURES, make_clothes, make_textures
from trained import train

FASHION_CLASSES = ["t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]
CIFAR_CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--parts", default="fashion-mnist,cifar10,textures,clothes")
parser.add_argument("--seeds", type=int, default=3)
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()


def forger(*arguments):
    done = subprocess.run([FORGER, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return done.stdout


def evaluate(run, data, metrics, *more):
    answer = json.loads(forger("evaluate", run.folder, data, "--metrics", metrics, "--json", *more))
    return {measure["name"]: measure["value"] for measure in answer["measures"]}


def false_alarms(run, data, rate):
    """Shares of normal images above the thresholds for `rate`: by score, and by the highest value in the map."""
    out = run.folder.with_name(run.folder.name + "-normal")
    answer = json.loads(forger("detect", run.folder, data, "--out", out, "--false-alarms", rate, "--json"))
    import numpy
    from PIL import Image
    peaks = [numpy.asarray(Image.open(path)).max() / 1000 for path in out.glob("*-map.png")]
    images = answer["images"]
    return (sum(image["verdict"] == "anomaly" for image in images) / len(images),
            sum(peak > answer["map_threshold"] for peak in peaks) / len(peaks), len(images))


def one_class(name, source, test, classes):
    rows = []
    for number, label in enumerate(classes):
        runs = [train(f"detection/{name}/{label}-{seed}", source, "detect", [f"data.classes=[{number}]", f"training.seed={seed}"],
                      50, options.threads) for seed in range(1, options.seeds + 1)]
        areas = [evaluate(run, test, "auroc", "--normal", str(number))["auroc"] for run in runs]
        rows.append({"normal class": label, "minutes": f"{statistics.mean(run.minutes for run in runs):.1f}",
                     "AUROC of each seed": ", ".join(f"{area:.3f}" for area in areas), "mean": statistics.mean(areas)})
        print(rows[-1], file=sys.stderr, flush=True)
    means = [row["mean"] for row in rows]
    for row in rows:
        row["mean"] = f"{row['mean']:.3f}"
    rows.append({"normal class": "**mean**", "minutes": "", "AUROC of each seed": "", "mean": f"**{statistics.mean(means):.4f}**"})
    report(f"One class of {name} as normal, {options.seeds} seeds", rows)


def defects(name, sets, make):
    folder = WORK / "defects"
    if not all((folder / one / "train").exists() for one in sets):
        make(folder)
    rows = []
    for one in sets:
        run = train(f"detection/{name}/{one}", folder / one, "detect", [], 50, options.threads)
        found = evaluate(run, folder / one, "pixel-auroc,pro,auroc")
        by_score, by_map, count = false_alarms(run, folder / one / "test/good", 0.05)
        rows.append({"images": one, "minutes": f"{run.minutes:.1f}", "pixel AUROC": f"{found['pixel-auroc']:.3f}",
                     **{kind: found.get(f"pixel-auroc of {kind}", float("nan")) for kind in KINDS},
                     "PRO": f"{found['pro']:.3f}", "image AUROC": f"{found['auroc']:.3f}",
                     "normals above 5 % threshold: score, map": f"{by_score:.1%}, {by_map:.1%} of {count}"})
        print(rows[-1], file=sys.stderr, flush=True)
    mean = {kind: statistics.mean(row[kind] for row in rows) for kind in KINDS}
    for row in rows:
        row.update({kind: f"{row[kind]:.3f}" for kind in KINDS})
    rows.append({**dict.fromkeys(rows[0], ""), "images": "**mean**", "pixel AUROC": f"**{statistics.mean(mean.values()):.3f}**",
                 **{kind: f"**{value:.3f}**" for kind, value in mean.items()}})
    report(f"Defects in {name}: pixel AUROC, by kind of defect", rows)


parts = options.parts.split(",")
if "fashion-mnist" in parts:
    one_class("fashion-mnist", FASHION_MNIST, FASHION_MNIST / "t10k-images-idx3-ubyte.gz", FASHION_CLASSES)
if "cifar10" in parts and CIFAR10.exists():
    one_class("cifar10", CIFAR10, CIFAR10.with_name("test.tar"), CIFAR_CLASSES)
if "textures" in parts and BSDS500.exists():
    defects("textures", list(TEXTURES), make_textures)
if "clothes" in parts:
    defects("clothes", list(CLOTHES), make_clothes)
