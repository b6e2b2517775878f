#!/usr/bin/env python3
"""Speed and memory of one training step of translation: Forger beside the same step in PyTorch, eager and float32: the same
networks, losses, batch and threads. CycleGAN at 64x64 with batches of 4 and 6 residual blocks, pix2pix at 256x256 with
batches of 1 and unet_256.

Peer and Forger run in turn, several times; a ratio is the median of the pairs' ratios. The peer has its images in memory
before the first step; Forger reads its files meanwhile, and waiting for them counts. The bar: twice as fast on a
processor with bfloat16 instructions, 1.3 times without.
"""
import argparse
import os
import sys

import numpy
from PIL import Image

from bench import FORGER, PEERS, fresh, median, megabytes, read_steps, report, run

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--steps", type=int, default=40, help="steps of each run; the first 10 are not counted")
parser.add_argument("--pairs", type=int, default=3, help="how often peer and Forger take turns")
parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
parser.add_argument("--device", default="cpu", help="cpu or cuda, for both")
parser.add_argument("--games", default="cyclegan,pix2pix")
parser.add_argument("--precisions", default="auto,float32", help="Forger's training.precision, by comma")
options = parser.parse_args()

# The authors' layers. With one image a batch, their batch normalisation is instance normalisation; the averaged copy of the weights, which they do not have, is left out.
SHARED = ["translator.width=64", "translator.upsampling=transposed", "translator.ema=0", "discriminator.width=64",
          "discriminator.max_width=512"]
GAMES = {
    "cyclegan": {"name": "CycleGAN, 64×64, batch 4, 6 blocks", "side": 64, "batch": 4, "folders": ("trainA", "trainB"),
                 "settings": [*SHARED, "translator.max_width=256", "translator.blocks=6"]},
    "pix2pix": {"name": "pix2pix, 256×256, batch 1, unet_256", "side": 256, "batch": 1, "folders": ("A", "B"),
                "settings": [*SHARED, "translator.max_width=512", "translator.depth=8", "pairs.enlarge=1", "training.batch_size=1"]}}
IMAGES = 64


def smooth_images(game):
    """Two folders of images without structure: what is learnt does not matter here."""
    data, random = fresh(f"translation-step/{game}"), numpy.random.default_rng(1)
    side = GAMES[game]["side"]
    for folder in GAMES[game]["folders"]:
        (data / folder).mkdir(parents=True)
        for i in range(IMAGES):
            grid = Image.fromarray(random.integers(0, 256, (8, 8, 3), numpy.uint8))
            grid.resize((side, side), Image.BICUBIC).save(data / folder / f"{i:03}.png")
    return data


def run_peer(game, data):
    out = fresh("translation-step/peer")
    measured = run([sys.executable, PEERS / f"{game}.py", data, "--steps", options.steps, "--out", out,
                    "--device", options.device], options.threads)
    return read_steps(out), measured


def run_forger(game, data, precision):
    out, side = fresh("translation-step/forger"), GAMES[game]["side"]
    settings = [*GAMES[game]["settings"], f"data.size=[{side},{side}]", f"training.precision={precision}",
                f"training.threads={options.threads}"]
    measured = run([FORGER, "train", data, "--recipe", game, "--steps", options.steps, "--out", out, "--quiet",
                    "--device", options.device, *(part for setting in settings for part in ("--set", setting))],
                   options.threads)
    return read_steps(out), measured


def milliseconds(measured):
    return 1000 * median([line["step_seconds"] for line in measured[0]])


rows = []
for game in options.games.split(","):
    if game not in GAMES:
        sys.exit(f"--games: received {game}, accepted: {', '.join(GAMES)}")
    data = smooth_images(game)
    precisions = options.precisions.split(",")
    runs = {"peer": [], **{precision: [] for precision in precisions}}
    for pair in range(options.pairs):
        runs["peer"].append(run_peer(game, data))
        for precision in precisions:
            runs[precision].append(run_forger(game, data, precision))
        print(f"{GAMES[game]['name']}: pair {pair + 1} of {options.pairs} done", file=sys.stderr)
    for precision in precisions:
        pairs = list(zip(runs["peer"], runs[precision]))
        rows.append({
            "step": GAMES[game]["name"],
            "precision": precision,
            "PyTorch ms": f"{median([milliseconds(peer) for peer, _ in pairs]):.0f}",
            "Forger ms": f"{median([milliseconds(own) for _, own in pairs]):.0f}",
            "ratio": f"{median([milliseconds(peer) / milliseconds(own) for peer, own in pairs]):.2f}",
            "PyTorch memory": megabytes(median([peer[1].peak_bytes for peer, _ in pairs])),
            "Forger memory": megabytes(median([own[1].peak_bytes for _, own in pairs])),
        })
where = f"{options.threads} threads" if options.device == "cpu" else options.device
report(f"A training step of translation, {where}", rows)
