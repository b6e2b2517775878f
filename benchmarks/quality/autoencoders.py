#!/usr/bin/env python3
"""The VAE and its rivals with an encoder, the same networks for the same steps, on Fashion-MNIST and, where it lies beside
the project, on CIFAR-10: how well test images are made again (PSNR, SSIM), the Fréchet distance of 10,000 samples, and
whether alpha-GAN's latent is filled. For that, a classifier is trained on the encoder's codes of test images, with the
noise of the training on them, against latents drawn for samples, and asked about others of both: 50 % when they are
alike. A sheet shows images, reconstructions and samples.
"""
import argparse
import pathlib
import sys
import tomllib

import numpy
import torch

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "referee")]
from bench import CIFAR10, FASHION_MNIST, ROOT, WORK, evaluate, forger, report
from judge import Judge, RealImages, load_samples
from networks import checkpoints, read_safetensors
from sheet import draw_sheet
from trained import train

RECIPES = ["vae", "vae-gan", "alpha-gan"]
CODES = 4000

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--data", default=",".join(str(path) for path in (FASHION_MNIST, CIFAR10) if path.exists()))
parser.add_argument("--steps", type=int, default=0, help="train each so long instead of for its own budget")
parser.add_argument("--samples", type=int, default=10000)
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()
torch.set_num_threads(options.threads)


def write_idx(path, images):
    images = images[:, :, :, 0] if images.shape[3] == 1 else images
    header = bytes([0, 0, 8, images.ndim]) + b"".join(int(side).to_bytes(4, "big") for side in images.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header + numpy.ascontiguousarray(images).tobytes())


def noisy(codes, done):
    options = tomllib.loads((done.folder / "config.toml").read_text())["autoencoding"]
    noise = options["code_noise"]
    if options["adaptive_code_noise"]:
        tensors, _ = read_safetensors(list(checkpoints(done.folder).values())[-1])
        noise *= float(tensors["code_noise.strength"])
    return (codes + numpy.random.default_rng(2).normal(0, noise, codes.shape)).astype(numpy.float32)


def told_apart(codes):
    """Accuracy with which a fresh classifier tells codes from N(0, 1), on codes that it was not trained on."""
    torch.manual_seed(1)
    codes = torch.from_numpy(codes)
    rows, labels = torch.cat([codes, torch.randn_like(codes)]), torch.arange(2).repeat_interleave(len(codes)).float()
    order = torch.randperm(len(rows))
    rows, labels = rows[order], labels[order]
    half = len(rows) // 2
    network = torch.nn.Sequential(torch.nn.Linear(rows.shape[1], 128), torch.nn.ReLU(), torch.nn.Dropout(0.3),
                                  torch.nn.Linear(128, 128), torch.nn.ReLU(), torch.nn.Dropout(0.3), torch.nn.Linear(128, 1))
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3, weight_decay=1e-2)
    for _ in range(40):
        for batch in torch.randperm(half).split(128):
            optimizer.zero_grad()
            torch.nn.functional.binary_cross_entropy_with_logits(network(rows[batch])[:, 0], labels[batch]).backward()
            optimizer.step()
    network.eval()
    with torch.no_grad():
        return float(((network(rows[half:])[:, 0] > 0) == (labels[half:] > 0.5)).float().mean())


for data in options.data.split(","):
    name = pathlib.Path(data).parent.name if data.endswith(".tar") else pathlib.Path(data).name
    judge = Judge(RealImages(data))
    print(judge.about(), flush=True)
    test = numpy.random.default_rng(1).permutation(judge.real.test[0])  # archives may be sorted by class
    folder = WORK / f"autoencoders/{name}"
    write_idx(folder / "some-images-idx-ubyte", test[:CODES])
    rows, strips = [], [("real images", test)]
    for recipe in RECIPES:
        steps = [f"training.steps={options.steps}"] if options.steps else []
        done = train(f"autoencoders/{name}/{recipe}", data, recipe, steps, options.samples, options.threads)
        images = load_samples(done.samples)
        likeness = evaluate(done.folder, folder / "some-images-idx-ubyte", "--metrics", "reconstruction")
        arrays = folder / f"{recipe}-codes.npz"
        forger("reconstruct", done.folder, folder / "some-images-idx-ubyte", "--out", folder / f"{recipe}-pictures", "--arrays",
               arrays)
        made = numpy.load(arrays)
        rows.append({"recipe": recipe, "minutes": f"{done.minutes:.1f}", "steps": done.steps,
                     "PSNR (dB)": f"{likeness['psnr_db']:.2f}", "SSIM": f"{likeness['ssim']:.3f}",
                     "Fréchet distance": f"{judge.distance(images):.2f}", "rarest class": f"{judge.histogram(images).min():.1%}",
                     "codes told apart": "" if recipe != "alpha-gan" else f"{told_apart(noisy(made['latents'], done)):.1%}"})
        print(rows[-1], file=sys.stderr, flush=True)
        strips += [(f"{recipe}: made again", made["images"]), (f"{recipe}: samples", images)]
    draw_sheet(folder / "sheet.png", strips)
    report(f"Encoders on {name}, {options.threads} thread{'s' if options.threads > 1 else ''}", rows)
    print(f"pictures: {(folder / 'sheet.png').relative_to(ROOT)}")
