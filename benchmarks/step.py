#!/usr/bin/env python3
"""Speed and memory of one training step: Forger beside each peer, same networks, batch, data and threads.

Peer and Forger run in turn, several times; each ratio is the median of the pairs' ratios, so that a machine that
becomes slower in between hurts both alike. "compute" leaves the peer's waiting for data out (and Forger's too): it is
the stricter of the two ratios.
"""
import argparse
import gzip
import os
import shutil
import sys

from bench import FASHION_MNIST, FORGER, PEERS, WORK, fresh, median, megabytes, read_steps, report, run

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--steps", type=int, default=40, help="steps of each run; the first 10 are not counted")
parser.add_argument("--pairs", type=int, default=3, help="how often peer and Forger take turns")
parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
parser.add_argument("--device", default="cpu", help="cpu or cuda, for both; the C++ peer knows only cpu")
parser.add_argument("--peers", default="pytorch-gan,pytorch-examples,cpp", help="which peers, by comma")
parser.add_argument("--data", default=str(FASHION_MNIST), help="Fashion-MNIST's IDX folder")
options = parser.parse_args()

COLOUR_64 = ["--set", "data.size=[64,64]", "--set", "data.channels=3"]
RECIPES = {"pytorch-gan": ["--recipe", "pytorch-gan-dcgan"],
           "pytorch-examples": ["--recipe", "pytorch-examples-dcgan", *COLOUR_64],
           "cpp": ["--recipe", "pytorch-examples-dcgan", *COLOUR_64]}
NAMES = {"pytorch-gan": "PyTorch-GAN's DCGAN, 32×32×1",
         "pytorch-examples": "PyTorch examples' DCGAN, 64×64×3",
         "cpp": "PyTorch examples' C++ loop, 64×64×3"}


def unpacked_idx():
    """The C++ frontend's reader knows no gzip."""
    folder = WORK / "idx"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"):
        if not (folder / name).exists():
            with gzip.open(os.path.join(options.data, name + ".gz")) as packed, open(folder / name, "wb") as plain:
                shutil.copyfileobj(packed, plain)
    return folder


def run_peer(peer):
    out = fresh("step/peer")
    if peer == "cpp":
        program = WORK.parent / "release/cpp_dcgan"
        if not program.exists():
            sys.exit(f"{program} is not built; run: make bench, or cmake --build build/release --target cpp_dcgan")
        out.mkdir()
        command = [program, unpacked_idx(), options.steps, out]
    else:
        script = PEERS / (peer.replace("-", "_") + "_dcgan.py")
        command = [sys.executable, script, options.data, "--steps", options.steps, "--out", out,
                   "--device", options.device]
    measured = run(command, options.threads)
    return read_steps(out), measured


def run_forger(peer, precision):
    out = fresh("step/forger")
    measured = run([FORGER, "train", options.data, *RECIPES[peer], "--steps", options.steps, "--out", out, "--quiet",
                    "--device", options.device,
                    "--set", f"training.precision={precision}", "--set", f"training.threads={options.threads}"],
                   options.threads)
    return read_steps(out), measured


def step_time(lines):
    return median([line["step_seconds"] for line in lines])


def compute_time(lines):
    return median([line["step_seconds"] - line["data_wait_seconds"] for line in lines])


def waiting(lines):
    return sum(line["data_wait_seconds"] for line in lines) / sum(line["step_seconds"] for line in lines)


peers = options.peers.split(",")
for peer in peers:
    if peer not in NAMES:
        sys.exit(f"--peers: received {peer}, accepted: {', '.join(NAMES)}")
    if peer == "cpp" and options.device != "cpu":
        sys.exit(f"--peers: received cpp with --device {options.device}, but the C++ peer knows only cpu")
rows = []
for peer in peers:
    runs = {"peer": [], "auto": [], "float32": []}
    for pair in range(options.pairs):
        runs["peer"].append(run_peer(peer))
        for precision in ("auto", "float32"):
            runs[precision].append(run_forger(peer, precision))
        print(f"{NAMES[peer]}: pair {pair + 1} of {options.pairs} done", file=sys.stderr)
    for precision in ("auto", "float32"):
        pairs = list(zip(runs["peer"], runs[precision]))
        rows.append({
            "beside": NAMES[peer],
            "precision": precision,
            "peer images/s": f"{median([64 / step_time(peer_run[0]) for peer_run, _ in pairs]):.0f}",
            "Forger images/s": f"{median([64 / step_time(forger_run[0]) for _, forger_run in pairs]):.0f}",
            "ratio": f"{median([step_time(a[0]) / step_time(b[0]) for a, b in pairs]):.2f}",
            "ratio, compute": f"{median([compute_time(a[0]) / compute_time(b[0]) for a, b in pairs]):.2f}",
            "peer waits": f"{median([waiting(a[0]) for a, _ in pairs]):.1%}",
            "Forger waits": f"{median([waiting(b[0]) for _, b in pairs]):.1%}",
            "peer memory": megabytes(median([a[1].peak_bytes for a, _ in pairs])),
            "Forger memory": megabytes(median([b[1].peak_bytes for _, b in pairs])),
        })
where = f"{options.threads} threads" if options.device == "cpu" else options.device
report(f"A training step, batch 64, {where}", rows)
