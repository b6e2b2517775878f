#!/usr/bin/env python3
"""Loading 512-pixel JPEGs as 64-pixel batches: Forger's threads beside a PyTorch DataLoader with Pillow, as many
workers each. Measured with one worker and with one for every processor."""
import argparse
import json
import multiprocessing
import os
import sys

from bench import PEERS, ROOT, WORK, median, megabytes, report, run

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--images", type=int, default=2048, help="images that each run loads")
parser.add_argument("--pairs", type=int, default=3, help="how often peer and Forger take turns")
options = parser.parse_args()

FOLDER = WORK / "jpeg-512"
PHOTOGRAPHS = ROOT.parent / "shared/data/bsds500"


def make_images():
    """256 JPEGs of 512x512: photographs where there are some, else noise of many scales."""
    import numpy
    from PIL import Image
    FOLDER.mkdir(parents=True, exist_ok=True)
    photographs = sorted(PHOTOGRAPHS.rglob("*.jpg"))
    random = numpy.random.default_rng(1)
    for number in range(256):
        if photographs:
            image = Image.open(photographs[number % len(photographs)]).convert("RGB")
            side = min(image.size)
            image = image.crop((0, 0, side, side)).resize((512, 512), Image.BICUBIC)
        else:
            layers = sum(numpy.asarray(Image.fromarray(random.integers(0, 256, (side, side, 3), numpy.uint8))
                                       .resize((512, 512), Image.BICUBIC), numpy.float32) / 7
                         for side in (4, 8, 16, 32, 64, 128, 512))
            image = Image.fromarray(layers.astype(numpy.uint8))
        image.save(FOLDER / f"{number:04d}.jpg", quality=90)


if len(list(FOLDER.glob("*.jpg"))) < 256:
    # In a process of its own: this one must stay small (see bench.py).
    process = multiprocessing.Process(target=make_images)
    process.start()
    process.join()
program = WORK.parent / "release/load_images"
if not program.exists():
    sys.exit(f"{program} is not built; run: make bench, or cmake --build build/release --target load_images")


def measure(command, workers):
    measured = run([*command, FOLDER, 64, options.images, workers], threads=workers)
    return json.loads((WORK / "last-run.log").read_text().splitlines()[-1])["images_per_second"], measured.peak_bytes


rows = []
for workers in sorted({1, len(os.sched_getaffinity(0))}):
    pairs = [(measure([sys.executable, PEERS / "loading.py"], workers), measure([program], workers))
             for _ in range(options.pairs)]
    rows.append({"workers": workers,
                 "peer images/s": f"{median([peer[0] for peer, _ in pairs]):.0f}",
                 "Forger images/s": f"{median([forger[0] for _, forger in pairs]):.0f}",
                 "ratio": f"{median([forger[0] / peer[0] for peer, forger in pairs]):.2f}",
                 "peer memory": megabytes(median([peer[1] for peer, _ in pairs])),
                 "Forger memory": megabytes(median([forger[1] for _, forger in pairs]))})
report("Loading 512-pixel JPEGs at 64 pixels", rows)
