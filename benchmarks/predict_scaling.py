#!/usr/bin/env python3
"""What share of their speed alone many processes keep, predicted: nobody has measured it. A step takes its computing, which is
measured on one core, and its messages. Gloo passes a message of B bytes around a ring of N processes in
2(N - 1) hops, each of `latency` and of B / N bytes. Nothing overlaps, no process waits for a slow one, and there is one core a process.
"""
import argparse
import sys
import pathlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import report

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--images", type=int, default=32, help="of a process in each step")
parser.add_argument("--ranks", default="8,64,1024")
options = parser.parse_args()

#: Images a second of a core (batches of 32, bfloat16), weights of both networks, small messages of a step without batch statistics
#: and those of batch statistics (a layer's each time that a batch passes through it or comes back).
NETWORKS = {"64×64 (`pytorch-examples-dcgan`)": (127, 6_342_272, 8, 30),
            "256×256 (`dcgan`)": (10.2, 23_150_000, 8, 50)}
#: Bytes a second, seconds of a hop.
LINKS = {"25 Gbit/s, 30 µs": (25e9 / 8, 30e-6), "400 Gbit/s, 3 µs": (400e9 / 8, 3e-6)}


def seconds_of(numbers, ranks, link):
    rate, latency = link
    return 2 * (ranks - 1) * (latency + 4 * numbers / ranks / rate)


rows = []
for network, (rate, weights, small, statistics) in NETWORKS.items():
    for name, link in LINKS.items():
        for kind, messages in (("each", small), ("sync", small + statistics)):
            row = {"networks": network, "between any two": name, "batch statistics": kind}
            for ranks in map(int, options.ranks.split(",")):
                computing = options.images / rate
                talking = 2 * seconds_of(weights / 2, ranks, link) + messages * seconds_of(512, ranks, link)
                row[f"{ranks:,} processes"] = f"{computing / (computing + talking):.2f}"
            rows.append(row)
report(f"Predicted efficiency, {options.images} images a process and step", rows)
