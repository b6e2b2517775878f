#!/usr/bin/env python3
"""How well the recipe `detect` tells normal images from others: each class of Fashion-MNIST and, where it lies beside the
project, of CIFAR-10 in turn as the normal one, trained on its training split alone, judged on the whole test split by the
area under the ROC curve (AUROC; 50 % is chance). And how well its maps show where a defect is (pixel AUROC), on textures,
surfaces (where scikit-image is installed) and clothes with defects of known places (defects.py). What is finished is not
trained again.
"""
import argparse
import importlib.util
import json
import pathlib
import statistics
import sys

import numpy
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import BSDS500, CIFAR10, FASHION_MNIST, WORK, evaluate, forger, report
from defects import CLOTHES, KINDS, SURFACES, TEXTURES, make_clothes, make_surfaces, make_textures
from judge import RealImages
from trained import train

#: the rate of false alarms that is asked for, the column of those that are seen, and a raw map's levels for a deviation
RATE, ALARMS, LEVELS = 0.05, "false alarms at 5 %: score, map", 1000

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--parts", default="fashion-mnist,cifar10,textures,surfaces,clothes")
parser.add_argument("--seeds", type=int, default=3)
parser.add_argument("--steps", type=int, default=0, help="train each so long instead of for its own budget (maps do not need it)")
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()
BUDGET = [f"training.steps={options.steps}"] if options.steps else []


def false_alarms(run, folder, rate):
    """Shares of the normal images in a folder above the thresholds for `rate`: by score, and by their map's peak."""
    out = run.folder.with_name(run.folder.name + "-normal")
    answer = json.loads(forger("detect", run.folder, folder, "--out", out, "--false-alarms", rate, "--json"))
    peaks = [numpy.asarray(Image.open(path)).max() / LEVELS for path in out.glob("*-map.png")]
    return (float(numpy.mean([image["verdict"] == "anomaly" for image in answer["images"]])),
            float(numpy.mean([peak > answer["map_threshold"] for peak in peaks])))


def write_normals(folder, test, number):
    """The test images of one class as files."""
    images = test[0][test[1] == number]
    folder.mkdir(parents=True, exist_ok=True)
    for i, image in enumerate(images):
        Image.fromarray(image[:, :, 0] if image.shape[2] == 1 else image).save(folder / f"{i:04}.png")


def one_class(name, source, test):
    real, rows = RealImages(source), []
    for number, label in enumerate(real.classes):
        runs = [train(f"detection/{name}/{label}-{seed}", source, "detect", [f"data.classes=[{number}]", f"training.seed={seed}", *BUDGET],
                      50, options.threads) for seed in range(1, options.seeds + 1)]
        areas = [evaluate(run.folder, test, "--metrics", "auroc", "--normal", number)["auroc"] for run in runs]
        normals = WORK / f"detection/{name}/{label}-images"
        write_normals(normals, real.test, number)
        rows.append({"normal class": label, "minutes": statistics.mean(run.minutes for run in runs),
                     "AUROC of each seed": ", ".join(f"{area:.3f}" for area in areas), "mean": statistics.mean(areas),
                     "rates": false_alarms(runs[0], normals, RATE)})
        print(rows[-1], file=sys.stderr, flush=True)
    mean, minutes = (statistics.mean(row[key] for row in rows) for key in ("mean", "minutes"))
    by_score, by_map = (statistics.mean(row["rates"][i] for row in rows) for i in (0, 1))
    report(f"One class of {name} as normal, {options.seeds} seeds", [
        {"normal class": row["normal class"], "minutes": f"{row['minutes']:.1f}", "AUROC of each seed": row["AUROC of each seed"],
         "mean": f"{row['mean']:.3f}", ALARMS: "{:.1%}, {:.1%}".format(*row["rates"])} for row in rows]
        + [{"normal class": "**mean**", "minutes": f"{minutes:.1f}", "AUROC of each seed": "", "mean": f"**{mean:.4f}**",
            ALARMS: f"{by_score:.1%}, {by_map:.1%}"}])


def defects(name, sets, make):
    folder = WORK / "defects"
    if not all((folder / one / "train").exists() for one in sets):
        make(folder)
    rows = []
    for one in sets:
        run = train(f"detection/{name}/{one}", folder / one, "detect", BUDGET, 50, options.threads)
        found = evaluate(run.folder, folder / one, "--metrics", "pixel-auroc,pro,auroc")
        rates = false_alarms(run, folder / one / "test/good", RATE)
        rows.append({"images": one, "minutes": f"{run.minutes:.1f}", "pixel AUROC": f"{found['pixel-auroc']:.3f}",
                     **{kind: found.get(f"pixel-auroc of {kind}", float("nan")) for kind in KINDS},
                     "PRO": f"{found['pro']:.3f}", "image AUROC": f"{found['auroc']:.3f}",
                     ALARMS: "{:.0%}, {:.0%}".format(*rates)})
        print(rows[-1], file=sys.stderr, flush=True)
    mean = {kind: statistics.mean(row[kind] for row in rows) for kind in KINDS}
    for row in rows:
        row.update({kind: f"{row[kind]:.3f}" for kind in KINDS})
    rows.append({**dict.fromkeys(rows[0], ""), "images": "**mean**",
                 "pixel AUROC": f"**{statistics.mean(float(row['pixel AUROC']) for row in rows):.3f}**",
                 **{kind: f"**{value:.3f}**" for kind, value in mean.items()}})
    report(f"Defects in {name}: pixel AUROC, by kind of defect", rows)


parts = options.parts.split(",")
if "fashion-mnist" in parts:
    one_class("fashion-mnist", FASHION_MNIST, FASHION_MNIST / "t10k-images-idx3-ubyte.gz")
if "cifar10" in parts and CIFAR10.exists():
    one_class("cifar10", CIFAR10, CIFAR10.with_name("test.tar"))
if "textures" in parts and BSDS500.exists():
    defects("textures", list(TEXTURES), make_textures)
if "surfaces" in parts and importlib.util.find_spec("skimage"):
    defects("surfaces", list(SURFACES), make_surfaces)
if "clothes" in parts:
    defects("clothes", list(CLOTHES), make_clothes)
