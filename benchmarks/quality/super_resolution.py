#!/usr/bin/env python3
"""Super-resolution by 4, trained on the photographs of BSDS500's train and test (400), measured on its val (the 100 pictures
of B100): PSNR and SSIM of luma beside bicubic, and the Fréchet distance of parts of 64 pixels to those of the originals, in
features that Forger learns from the originals. `srgan` trains for --minutes; `its pixels` is the same recipe up to where the
discriminator joins. A sheet for the eye: build/bench/super_resolution/sheet.png.
"""
import argparse
import pathlib
import shutil
import sys

import numpy
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import BSDS500, WORK, evaluate, forger, fresh, report

SCALE, PART = 4, 64
# Where something is to be seen: of each picture, left and top of a part of 120 pixels.
SHOWN = (("253027", 120, 100), ("101087", 60, 40), ("302008", 180, 60), ("108005", 60, 100))

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--minutes", type=float, default=60)
parser.add_argument("--recipes", default="srresnet,compact,srgan")
options = parser.parse_args()


def photographs():
    """A folder with the 400 to learn from, and one with the originals, sides multiples of the scale, as PNG."""
    training, originals = WORK / "super_resolution/training", WORK / "super_resolution/originals"
    if not training.exists():
        training.mkdir(parents=True)
        for part in ("train", "test"):
            for file in (BSDS500 / part).glob("*.jpg"):
                shutil.copy(file, training)
    if not originals.exists():
        originals.mkdir(parents=True)
        for file in sorted((BSDS500 / "val").glob("*.jpg")):
            image = Image.open(file)
            image.crop((0, 0, image.width // SCALE * SCALE, image.height // SCALE * SCALE)).save(originals / f"{file.stem}.png")
    return training, originals


def trained(name, recipe, minutes, settings, training):
    folder = WORK / f"super_resolution/{name}-{minutes:g}"
    if not (folder / "model.safetensors").exists():
        shutil.rmtree(folder, ignore_errors=True)
        settings = [argument for setting in settings for argument in ("--set", setting)]
        forger("train", training, "--recipe", recipe, "--minutes", minutes, "--out", folder, "--quiet", *settings)
    return folder


def small_ones(originals):
    """What is enlarged: antialiased by Pillow's bicubic, which differs from MATLAB's at borders only."""
    folder = WORK / "super_resolution/small"
    folder.mkdir(exist_ok=True)
    for file in originals.glob("*.png"):
        image = Image.open(file)
        image.resize((image.width // SCALE, image.height // SCALE), Image.BICUBIC).save(folder / file.name)
    return folder


def parts(folder):
    """All parts of 64 pixels side by side, as one array in a file that `forger evaluate` reads."""
    found = []
    for file in sorted(folder.glob("*.png")):
        image = numpy.asarray(Image.open(file).convert("RGB"))
        for y in range(0, image.shape[0] - PART + 1, PART):
            found += [image[y:y + PART, x:x + PART] for x in range(0, image.shape[1] - PART + 1, PART)]
    path = folder.with_suffix(".npz")
    numpy.savez(path, images=numpy.stack(found))
    return path


def enlarged(name, run, small):
    folder = fresh(f"super_resolution/large/{name}")
    forger("upscale", run, small, "--out", folder)
    return folder


training, originals = photographs()
small = small_ones(originals)
half = options.minutes / 2
runs = {}
for recipe in options.recipes.split(","):
    if recipe == "srgan":
        runs["its pixels"] = trained("srgan-pixels", "srgan", half,
                                     ["super_resolution.adversary=0", "super_resolution.features=0"], training)
    runs[recipe] = trained(recipe, recipe, options.minutes, [], training)

bicubic = fresh("super_resolution/large/bicubic")
bicubic.mkdir()
for file in small.glob("*.png"):
    image = Image.open(file)
    image.resize((image.width * SCALE, image.height * SCALE), Image.BICUBIC).save(bicubic / file.name)

real = fresh("super_resolution/real-parts")
real.mkdir()
for i, part in enumerate(numpy.load(parts(originals))["images"]):
    Image.fromarray(part).save(real / f"{i:05}.png")
rows, pictures = [], {"bicubic": bicubic}
for name, run in runs.items():
    measured = evaluate(run, originals, "--metrics", "psnr-y,ssim-y")
    if not rows:
        rows.append({"": "bicubic", "minutes": "", "PSNR-Y": f"{measured['psnr-y of bicubic']:.2f}",
                     "SSIM-Y": f"{measured['ssim-y of bicubic']:.4f}"})
    pictures[name] = enlarged(name.replace(" ", "-"), run, small)
    rows.append({"": name, "minutes": f"{half if name == 'its pixels' else options.minutes:g}",
                 "PSNR-Y": f"{measured['psnr-y']:.2f}", "SSIM-Y": f"{measured['ssim-y']:.4f}"})
for row, folder in zip(rows, pictures.values()):
    row["Fréchet distance"] = f"{evaluate(parts(folder), real, '--metrics', 'fid')['fid']:.1f}"
report("Super-resolution by 4 on the 100 pictures of B100", rows)

pictures["truth"] = originals
side = 120
sheet = Image.new("RGB", (len(pictures) * (side + 4), len(SHOWN) * (side + 4)), "white")
for y, (stem, left, top) in enumerate(SHOWN):
    for x, folder in enumerate(pictures.values()):
        file = folder / f"{stem}.png"
        if file.exists():
            sheet.paste(Image.open(file).crop((left, top, left + side, top + side)), (x * (side + 4), y * (side + 4)))
sheet.resize((2 * sheet.width, 2 * sheet.height), Image.NEAREST).save(WORK / "super_resolution/sheet.png")
print("sheet:", WORK / "super_resolution/sheet.png", "of", ", ".join(pictures))
