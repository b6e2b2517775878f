#!/usr/bin/env python3
"""What a convolutional latent is for: photographs of BSDS500 in tiles of 128 pixels, made again by `vae` and `alpha-gan` with
the recipes' latent, a list of numbers, and with one that is a small picture. Judged on photographs that were held out.
"""
import argparse
import pathlib
import sys

import numpy
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import BSDS500, WORK, evaluate, forger, report
from trained import train

SIDE, SHOWN = 128, 8
TILES = ["data.fit=tiles", f"data.size=[{SIDE},{SIDE}]", "training.batch_size=16"]
#: the codes of the second are 16x16 pixels of 8 numbers
LATENTS = {
    "32 numbers": [],
    "16×16×8": ["generator.convolutional_latent=true", "generator.latent_size=2048", "generator.depth=3", "encoder.depth=3"],
}

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--recipes", default="vae,alpha-gan")
parser.add_argument("--steps", type=int, default=2000)
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()
if not BSDS500.exists():
    sys.exit(f"photographs are missing: {BSDS500}")


def middles(folder):
    """Of held-out photographs, as large as a tile."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted((BSDS500 / "val").glob("*.jpg")):
        photograph = Image.open(path).convert("RGB")
        left, top = (photograph.width - SIDE) // 2, (photograph.height - SIDE) // 2
        photograph.crop((left, top, left + SIDE, top + SIDE)).save(folder / f"{path.stem}.png")
    return folder


rows, strips = [], []
held_out = middles(WORK / "large/held-out")
for recipe in options.recipes.split(","):
    for name, settings in LATENTS.items():
        done = train(f"large/{recipe}-{name.split()[0]}", BSDS500 / "train", recipe,
                     [*TILES, *settings, f"training.steps={options.steps}"], 16, options.threads)
        likeness = evaluate(done.folder, held_out, "--metrics", "reconstruction")
        arrays = done.folder.with_name(done.folder.name + "-made.npz")
        forger("reconstruct", done.folder, held_out, "--out", arrays.with_suffix(""), "--arrays", arrays)
        strips.append(numpy.concatenate(list(numpy.load(arrays)["images"][:SHOWN]), 1))
        rows.append({"recipe": recipe, "latent": name, "minutes": f"{done.minutes:.1f}",
                     "model": f"{(done.folder / 'model.safetensors').stat().st_size / 1e6:.1f} MB",
                     "PSNR (dB)": f"{likeness['psnr_db']:.2f}", "SSIM": f"{likeness['ssim']:.3f}"})
        print(rows[-1], file=sys.stderr, flush=True)
strips.insert(0, numpy.concatenate([numpy.asarray(Image.open(path)) for path in sorted(held_out.glob("*.png"))[:SHOWN]], 1))
Image.fromarray(numpy.concatenate(strips)).save(WORK / "large/sheet.png")
report(f"Photographs of BSDS500 in tiles of {SIDE} pixels, {options.steps} steps of 16", rows)
print(f"pictures: {WORK / 'large/sheet.png'}")
