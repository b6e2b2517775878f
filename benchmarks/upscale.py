#!/usr/bin/env python3
"""Speed of super-resolution networks on the processor, 256x256 to 1024x1024: Forger's beside spandrel's in PyTorch (eager,
float32), and beside ONNX Runtime and OpenVINO where they are installed, with the same random weights.

All take turns, each in a process of its own; the best pass counts. Says how far each picture is from PyTorch's.
"""
import argparse
import os
import pathlib
import subprocess
import sys

from bench import ROOT, WORK, report

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--networks", default="compact,rrdbnet", help="of compact, rrdbnet, swinir and dat")
parser.add_argument("--size", type=int, default=256, help="side of what goes in, in pixels")
parser.add_argument("--rounds", type=int, default=2, help="how often all take turns")
parser.add_argument("--passes", type=int, default=3, help="images in a turn; the best counts")
parser.add_argument("--threads", type=int, default=os.cpu_count())
options = parser.parse_args()

FOLDER = WORK / "upscale"
UPSCALE_NETWORK = ROOT / "build/release/upscale_network"
PEER = ROOT / "benchmarks/peers/upscale.py"
MAKE_WEIGHTS = """
import sys
sys.path.insert(0, sys.argv[1])
from spandrel_networks import DAT, ESRGAN, Compact, SwinIR, torch
import numpy as np
torch.manual_seed(1)
six = [6] * 6
networks = {
    "compact": lambda: Compact(num_feat=64, num_conv=32, upscale=4),
    "rrdbnet": lambda: ESRGAN(num_blocks=23, scale=4),
    "swinir": lambda: SwinIR(embed_dim=180, depths=six, num_heads=six, window_size=8, mlp_ratio=2, upscale=4,
                             upsampler="pixelshuffle"),
    "dat": lambda: DAT(embed_dim=180, depth=six, num_heads=six, split_size=[8, 32], expansion_factor=4, upscale=4),
}
torch.save(networks[sys.argv[2]]().state_dict(), sys.argv[3])
side = int(sys.argv[5])
waves = torch.sin(torch.arange(side).view(1, -1, 1) * torch.arange(side).view(1, 1, -1) / 300 + torch.arange(3).view(3, 1, 1))
noise = torch.randn(3, side, side) * 0.05
np.savez(sys.argv[4], images=((waves * 0.8 + noise).clamp(-1, 1))[None].numpy())
"""
SHOW_PSNR = """
import sys
import numpy as np
a, b = (np.clip(np.load(path)["images"] / 2 + 0.5, 0, 1) for path in sys.argv[1:])
error = np.mean((a.astype(np.float64) - b) ** 2)
print("same" if error < 1e-12 else f"{-10 * np.log10(error):.1f} dB")
"""


def call(command):
    """What it prints, or None where it says by 3 that it cannot be measured here."""
    environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads))
    done = subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True)
    if done.returncode == 3:
        return None
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr}")
    return done.stdout


def measure(name):
    weights, source = FOLDER / f"{name}.pth", FOLDER / f"{name}_in.npz"
    call([sys.executable, "-c", MAKE_WEIGHTS, ROOT / "tests/support", name, weights, source, options.size])
    ways = {"PyTorch eager, float32": [sys.executable, PEER, "pytorch", weights, source],
            "Forger, float32": [UPSCALE_NETWORK, weights, source],
            "ONNX Runtime, float32": [sys.executable, PEER, "onnxruntime", weights, source],
            "OpenVINO, float32": [sys.executable, PEER, "openvino-f32", weights, source],
            "Forger, auto": [UPSCALE_NETWORK, weights, source],
            "OpenVINO, bfloat16": [sys.executable, PEER, "openvino-bf16", weights, source]}
    best, outputs = {}, {}
    for _ in range(options.rounds):
        for way, command in ways.items():
            outputs[way] = FOLDER / f"{name}_{way.replace(' ', '_')}.npz"
            precision = [way.split(", ")[1]] if way.startswith("Forger") else []
            printed = call([*command, outputs[way], *precision, options.passes])
            if printed is None:
                continue
            for line in printed.splitlines():
                wall, processor = map(float, line.split())
                before = best.get(way, (wall, processor))
                best[way] = (min(before[0], wall), min(before[1], processor))
    peer = next(iter(ways))
    rows = []
    for way, (wall, processor) in best.items():
        psnr = call([sys.executable, "-c", SHOW_PSNR, outputs[peer], outputs[way]]).strip()
        rows.append({"": way, "seconds": f"{wall:.2f}", "times as fast": f"{best[peer][0] / wall:.2f}",
                     "processor seconds": f"{processor:.2f}",
                     "times as fast by these": f"{best[peer][1] / processor:.2f}", "beside PyTorch's": psnr})
    report(f"{name} x4, {options.size}×{options.size}, {options.threads} threads", rows)


FOLDER.mkdir(parents=True, exist_ok=True)
for network in options.networks.split(","):
    measure(network)
