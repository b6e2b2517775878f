#!/usr/bin/env python3
"""Paired translation against a truth: colourisation (`pairs.source=grey`) and edges to photographs (`pairs.source=edges`), on
CIFAR-10 (32x32) and on parts of BSDS500's photographs (64x64; learnt from train and test, measured on val). The recipe
pix2pix beside the same U-Net for the same budget without a discriminator (`translation.adversary=0`). The bar: a
held-out Fréchet distance that is at least 30 % smaller, with an L1 that is at most 10 % larger. A sheet for the eye for each:
build/bench/paired_translation/SET-SOURCE.png, with what an image was made from, both results, and the truth.
"""
import argparse
import io
import pathlib
import shutil
import sys
import tarfile

import numpy
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import BSDS500, CIFAR10, WORK, evaluate, forger, report

PLACE = WORK / "paired_translation"
PART, SHOWN = 64, 10

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--minutes", type=float, default=20, help="of each training")
parser.add_argument("--steps", type=int, default=0, help="train each so long instead")
parser.add_argument("--sets", default="CIFAR-10,BSDS500")
parser.add_argument("--sources", default="grey,edges")
parser.add_argument("--images", type=int, default=2000, help="held-out images that are measured")
parser.add_argument("--settings", default="", help="of pix2pix alone, as key=value, parted by spaces")
options = parser.parse_args()


def photographs():
    """A folder with BSDS500's train and test, and one with parts of its val."""
    training, held_out = PLACE / "training", PLACE / "parts"
    if not held_out.exists():
        training.mkdir(parents=True, exist_ok=True)
        for part in ("train", "test"):
            for file in (BSDS500 / part).glob("*.jpg"):
                shutil.copy(file, training)
        held_out.mkdir()
        for file in sorted((BSDS500 / "val").glob("*.jpg")):
            image = Image.open(file)
            for y in range(0, image.height - PART + 1, PART):
                for x in range(0, image.width - PART + 1, PART):
                    image.crop((x, y, x + PART, y + PART)).save(held_out / f"{file.stem}_{y:03}_{x:03}.png")
    return training, held_out


def trained(name, data, settings):
    budget = ("--steps", options.steps) if options.steps else ("--minutes", options.minutes)
    folder = PLACE / "-".join([name, f"{budget[1]:g}", "steps" if options.steps else "minutes"])
    if not (folder / "model.safetensors").exists():
        shutil.rmtree(folder, ignore_errors=True)
        forger("train", data, "--recipe", "pix2pix", *budget, "--out", folder, "--quiet",
               *(argument for setting in settings for argument in ("--set", setting)))
    return folder


def shown_images(name, held_out):
    """Some held-out images, the same in each sheet."""
    folder = PLACE / f"shown-{name}"
    if not folder.exists():
        folder.mkdir(parents=True)
        if held_out.suffix == ".tar":
            with tarfile.open(held_out) as archive:
                members = [member for member in archive.getmembers() if member.name.endswith(".jpg")]
                chosen = [io.BytesIO(archive.extractfile(members[i * len(members) // SHOWN]).read()) for i in range(SHOWN)]
        else:
            files = sorted(held_out.glob("*.png"))
            chosen = [files[i * len(files) // SHOWN + 3] for i in range(SHOWN)]
        for i, file in enumerate(chosen):
            Image.open(file).convert("RGB").save(folder / f"{i:02}.png")
    return folder


def edges(image, least=10):
    """What `pairs.source=edges` makes of an image (src/data/derivation.cpp), for the sheet."""
    grey = numpy.pad(numpy.asarray(image.convert("L"), numpy.float64), 3, mode="reflect")
    kernel = numpy.exp(-numpy.arange(-3, 4) ** 2 / 2)
    for axis in (0, 1):
        grey = numpy.apply_along_axis(lambda line: numpy.convolve(line, kernel / kernel.sum(), "valid"), axis, grey)
    wide = numpy.pad(grey, 1, mode="edge")
    down, right = (wide[2:, 1:-1] - wide[:-2, 1:-1]) / 2, (wide[1:-1, 2:] - wide[1:-1, :-2]) / 2
    slope = numpy.hypot(down, right)
    limit = slope * numpy.sin(numpy.pi / 8)
    y, x = numpy.indices(slope.shape)
    step_y, step_x = (numpy.where(abs(part) < limit, 0, numpy.sign(part)).astype(int) for part in (down, right))
    around = numpy.pad(slope, 1)
    is_ridge = (slope >= around[y - step_y + 1, x - step_x + 1]) & (slope > around[y + step_y + 1, x + step_x + 1])
    return Image.fromarray(numpy.where((slope >= least) & is_ridge, 0, 255).astype(numpy.uint8))


def draw_sheet(name, source, shown, runs):
    made_of = PLACE / f"made-of-{name}-{source}"
    shutil.rmtree(made_of, ignore_errors=True)
    made_of.mkdir()
    files = sorted(shown.glob("*.png"))
    for file in files:
        image = Image.open(file)
        (image.convert("L") if source == "grey" else edges(image)).save(made_of / file.name)
    columns = [made_of]
    for run in runs:
        columns.append(PLACE / f"made-{run.name}")
        shutil.rmtree(columns[-1], ignore_errors=True)
        forger("translate", run, made_of, "--out", columns[-1])
    columns.append(shown)
    side = Image.open(files[0]).width + 2
    sheet = Image.new("RGB", (len(files) * side, len(columns) * side), "white")
    for y, folder in enumerate(columns):
        for x, file in enumerate(files):
            sheet.paste(Image.open(folder / file.name).convert("RGB"), (x * side, y * side))
    scale = 128 // side + 1
    path = PLACE / f"{name}-{source}.png"
    sheet.resize((scale * sheet.width, scale * sheet.height), Image.NEAREST).save(path)
    print("sheet:", path, "with what is given, L1 alone, pix2pix, the truth", file=sys.stderr)


sets = {"CIFAR-10": lambda: (CIFAR10, CIFAR10.parent / "test.tar", []),
        "BSDS500": lambda: (*photographs(), [f"data.size=[{PART},{PART}]", "data.fit=tiles", "pairs.enlarge=1"])}
rows = []
for name in options.sets.split(","):
    if name not in sets:
        sys.exit(f"--sets: received {name}, accepted: {', '.join(sets)}")
    data, held_out, settings = sets[name]()
    for source in options.sources.split(","):
        runs, found = [], []
        for kind, own in (("l1", ["translation.adversary=0"]), ("pix2pix", options.settings.split())):
            runs.append(trained(f"{name}-{source}-{kind}", data, [*settings, f"pairs.source={source}", *own]))
            found.append(evaluate(runs[-1], held_out, "--metrics", "l1,fid,psnr", "--count", options.images))
        plain, game = found
        rows.append({"": f"{name}, {source}", "L1: alone": f"{plain['l1']:.4f}", "pix2pix": f"{game['l1']:.4f}",
                     "more": f"{game['l1'] / plain['l1'] - 1:+.0%}", "Fréchet distance: alone": f"{plain['fid']:.2f}",
                     "with pix2pix": f"{game['fid']:.2f}", "less": f"{1 - game['fid'] / plain['fid']:.0%}",
                     "PSNR: alone, pix2pix": f"{plain['psnr']:.2f}, {game['psnr']:.2f}"})
        draw_sheet(name, source, shown_images(name, held_out), runs)
budget = f"{options.steps} steps" if options.steps else f"{options.minutes:g} minutes"
report(f"Images made of others, beside L1 alone, held-out images, {budget} each", rows)
