#!/usr/bin/env python3
"""Unpaired translation of real images, without a truth: sneakers to ankle boots (Fashion-MNIST) and horses to deer
(CIFAR-10). Each is trained for --minutes on the training images of both kinds. Then all test images of the first kind are
translated, and their Fréchet distance to the test images of the second kind stands beside that of the images as they
were. A sheet for the eye: build/bench/domains/NAME.png, images above what was made of them.
"""
import argparse
import gzip
import io
import pathlib
import shutil
import sys
import tarfile

import numpy
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import CIFAR10, FASHION_MNIST, WORK, evaluate, forger, report
from sheet import draw_sheet

CIFAR_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--minutes", type=float, default=20)
parser.add_argument("--steps", type=int, default=0, help="train each so long instead")
parser.add_argument("--recipe", default="cyclegan")
parser.add_argument("--tasks", default="sneakers,horses", help="by comma, the first word of each")
parser.add_argument("--settings", default="", help="of every training, as key=value, parted by spaces")
options = parser.parse_args()


def fashion_tests(label):
    with gzip.open(FASHION_MNIST / "t10k-images-idx3-ubyte.gz") as file:
        images = numpy.frombuffer(file.read()[16:], numpy.uint8).reshape(-1, 28, 28)
    with gzip.open(FASHION_MNIST / "t10k-labels-idx1-ubyte.gz") as file:
        labels = numpy.frombuffer(file.read()[8:], numpy.uint8)
    return images[labels == label]


def cifar_tests(label):
    with tarfile.open(CIFAR10.parent / "test.tar") as archive:
        members = [member for member in archive.getmembers()
                   if member.isfile() and pathlib.Path(member.name).parent.name == CIFAR_CLASSES[label]]
        return numpy.stack([Image.open(io.BytesIO(archive.extractfile(member).read())).convert("RGB") for member in members])


TASKS = {"sneakers to ankle boots": (FASHION_MNIST, fashion_tests, 7, 9),
         "horses to deer": (CIFAR10, cifar_tests, 7, 4)}


def kept(images, folder):
    """The images as files, in a folder of their own."""
    if not folder.exists():
        folder.mkdir(parents=True)
        for i, image in enumerate(images):
            Image.fromarray(image).save(folder / f"{i:04}.png")
    return folder


def distance(folder, target):
    return evaluate(folder, target, "--metrics", "fid", "--split", "all")["fid"]


wanted = options.tasks.split(",")
if unknown := set(wanted) - {name.split()[0] for name in TASKS}:
    parser.error(f"--tasks: received {', '.join(sorted(unknown))}, accepted: {', '.join(name.split()[0] for name in TASKS)}")
rows = []
budget = ("--steps", options.steps) if options.steps else ("--minutes", options.minutes)
for name, (data, tests, first, second) in TASKS.items():
    if name.split()[0] not in wanted:
        continue
    place = WORK / "domains" / name.replace(" ", "-")
    sources, target = kept(tests(first), place / "sources"), kept(tests(second), place / "target")
    run = place / f"{options.recipe}-{budget[0][2:]}-{budget[1]:g}"
    if not (run / "model.safetensors").exists():
        shutil.rmtree(run, ignore_errors=True)
        settings = ["pairs.source=classes", f"pairs.classes_a=[{first}]", f"pairs.classes_b=[{second}]", *options.settings.split()]
        forger("train", data, "--recipe", options.recipe, *budget, "--out", run, "--quiet",
               *(argument for setting in settings for argument in ("--set", setting)))
    made = place / f"made-{options.recipe}"
    shutil.rmtree(made, ignore_errors=True)
    direction = ("--direction", "a2b") if options.recipe == "cyclegan" else ()
    forger("translate", run, sources, "--out", made, *direction)
    files = sorted(path.name for path in sources.glob("*.png"))
    shown = files[::len(files) // 12][:12]
    picture = WORK / f"domains/{name.replace(' ', '-')}.png"
    strip = lambda folder: numpy.stack([numpy.atleast_3d(numpy.asarray(Image.open(folder / file))) for file in shown])
    draw_sheet(picture, [(name.split(" to ")[0], strip(sources)), (options.recipe, strip(made))])
    before, after = distance(sources, target), distance(made, target)
    rows.append({"": name, "Fréchet distance before": f"{before:.2f}", "after": f"{after:.2f}", "of it": f"{after / before:.0%}"})
    print("sheet:", picture, flush=True)
report(f"Real images of two kinds without pairs, {options.recipe}, {budget[1]:g} {budget[0][2:]}", rows)
