#!/usr/bin/env python3
"""`forger restore` beside scikit-image's biharmonic in-painting, on held-out images of CIFAR-10 and on 64-pixel parts of
BSDS500 photographs: a box of a quarter of the image, and half of all pixels at random. SSIM against the original, mean over
the images; Fréchet distance of the restored images to the originals, in the features of the judge of CIFAR-10.

Needs scikit-image: .venv/bin/pip install scikit-image
"""
import argparse
import pathlib
import sys

import numpy
import torch
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import BSDS500, CIFAR10, WORK, forger, fresh, report
from judge import Judge, RealImages, frechet_distance, resized
from trained import train

try:
    from skimage.metrics import structural_similarity
    from skimage.restoration import inpaint_biharmonic
except ImportError:
    sys.exit("scikit-image is missing: .venv/bin/pip install scikit-image")

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--images", type=int, default=500)
parser.add_argument("--sets", default="CIFAR-10,BSDS500")
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()
torch.set_num_threads(options.threads)


def masks(side):
    box = numpy.zeros((side, side), bool)
    box[side // 4:side // 4 + side // 2, side // 4:side // 4 + side // 2] = True
    return {"box of 25 %": box, "50 % of the pixels": numpy.random.default_rng(1).random((side, side)) < 0.5}


def restored_by_forger(run, images, mask, name):
    folder = fresh(f"restoration/{name}")
    (folder / "in").mkdir(parents=True)
    for i, image in enumerate(images):
        Image.fromarray(image).save(folder / f"in/{i:04}.png")
    Image.fromarray(mask.astype(numpy.uint8) * 255).save(folder / "mask.png")
    forger("restore", run.folder, folder / "in", "--mask", folder / "mask.png", "--out", folder / "out")
    made = numpy.stack([numpy.asarray(Image.open(folder / f"out/{i:04}.png").convert("RGB")) for i in range(len(images))])
    assert (made[:, ~mask] == images[:, ~mask]).all(), "what was known has changed"
    return made


def restored_by_biharmonic(images, mask):
    damaged = images.copy()
    damaged[:, mask] = 0
    return numpy.stack([(inpaint_biharmonic(image, mask, channel_axis=2) * 255).round().clip(0, 255).astype(numpy.uint8)
                        for image in damaged])


def ssim(first, second):
    return numpy.mean([structural_similarity(a, b, channel_axis=2) for a, b in zip(first, second)])


def photographs(folder, count):
    """64-pixel parts of photographs, one after the other."""
    files, parts, random = sorted((BSDS500 / folder).glob("*.jpg")), [], numpy.random.default_rng(2)
    for i in range(count):
        photograph = numpy.asarray(Image.open(files[i % len(files)]).convert("RGB"))
        y, x = (random.integers(0, length - 63) for length in photograph.shape[:2])
        parts.append(photograph[y:y + 64, x:x + 64])
    return numpy.stack(parts)


judge = Judge(RealImages(CIFAR10))
sets = {"CIFAR-10": lambda: (train("autoencoders/cifar10/alpha-gan", CIFAR10, "alpha-gan", [], 10000, options.threads),
                     numpy.random.default_rng(1).permutation(judge.real.test[0])[:options.images]),
        "BSDS500": lambda: (train("restoration/bsds", BSDS500 / "train", "alpha-gan", ["data.fit=tiles", "data.size=[64,64]"], 64,
                          options.threads), photographs("val", options.images))}
rows = []
for name in options.sets.split(","):
    run, images = sets[name]()
    # In the judge's features, a Fréchet distance to these very images.
    reference = judge.moments(resized(images, 32) if images.shape[1] != 32 else images)
    for kind, mask in masks(images.shape[1]).items():
        for method, made in (("forger restore", restored_by_forger(run, images, mask, f"{name}-{kind[:3]}")),
                             ("biharmonic", restored_by_biharmonic(images, mask))):
            small = resized(made, 32) if made.shape[1] != 32 else made
            rows.append({"images": name, "hole": kind, "restored by": method, "SSIM": f"{ssim(images, made):.4f}",
                         "Fréchet distance": f"{frechet_distance(reference, judge.moments(small)):.2f}"})
            print(rows[-1], file=sys.stderr, flush=True)
            strip = numpy.concatenate([numpy.concatenate(list(stack[:10]), 1) for stack in (images, made)], 0)
            Image.fromarray(strip).save(WORK / f"restoration/{name}-{kind[:3].strip()}-{method.split()[0]}.png")
report(f"Restoring {options.images} images of each set", rows)
