#!/usr/bin/env python3
"""What watching costs. Three parts:
`page`: seconds until the page of a run with 100,000 reports shows its first chart, by a server that has just started and read nothing, and
the memory of server and page.
`cost`: a training alone beside the same one with `--watch` and an open page's events, in turn, each on one and the same processor.
`listeners`: the same with --listeners of them, and the program's memory after a third and at the end.
"""
import argparse
import asyncio
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bench import FASHION_MNIST, FORGER, ROOT, forger, fresh, median, report

REPORTS = 100_000
#: Not those before: they warm up caches and allocators.
SETTLED_SECONDS = 3

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--parts", default="page,cost,listeners")
parser.add_argument("--pairs", type=int, default=5)
parser.add_argument("--seconds", type=float, default=20, help="of each training for `cost`; for `listeners` three times as long")
parser.add_argument("--listeners", type=int, default=200)
options = parser.parse_args()


def memory(process):
    return int(pathlib.Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * 4096 / 1e6


def ask(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/{path}") as answer:
        return json.load(answer)


def served(*arguments, processors=None):
    """A program that serves trainings, and its port."""
    log = fresh("watch/log")
    with open(log, "w") as output:
        process = subprocess.Popen([FORGER, *map(str, arguments)], stdout=output, stderr=subprocess.STDOUT,
                                   preexec_fn=(lambda: os.sched_setaffinity(0, processors)) if processors else None)
    while process.poll() is None:
        if found := re.search(r"http://[^:/]+:(\d+)/", log.read_text()):
            return process, int(found.group(1))
        time.sleep(0.05)
    sys.exit(f"{' '.join(map(str, arguments))}: {log.read_text()}")


def the_run(port):
    """The id of the only run, once it is there."""
    while not (runs := ask(port, "runs")["runs"]):
        time.sleep(0.1)
    return runs[0]["id"]


def varied(value):
    if isinstance(value, dict):
        return {name: varied(inner) for name, inner in value.items()}
    return value * random.uniform(0.8, 1.2) if isinstance(value, float) else value


def long_run():
    """A run whose journal has many reports, made of those of a short one."""
    run = fresh("watch/long")
    forger("train", "synthetic:ring8", "--steps", 100, "--quiet", "--out", run)
    lines = [json.loads(line) for line in (run / "steps.jsonl").read_text().splitlines()]
    random.seed(1)
    with open(run / "steps.jsonl", "w") as file:
        for step in range(1, REPORTS + 1):
            line = varied(lines[step % len(lines)])
            line.update(step=step, images=64 * step, seconds=0.05 * step)
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
    return run


def measure_page():
    run, rows = long_run(), []
    for _ in range(options.pairs):
        server, port = served("watch", run, "--port", 0)
        link = f"http://127.0.0.1:{port}/#/run/{the_run(port)}"
        page = json.loads(subprocess.run(["node", ROOT / "benchmarks/watch_page.mjs", ROOT, link], check=True, capture_output=True).stdout)
        rows.append((page["seconds"], page["heap"], memory(server)))
        server.terminate()
        server.wait()
    seconds, heap, server_memory = (median(column) for column in zip(*rows))
    report(f"The page of a run with {REPORTS:,} reports ({(run / 'steps.jsonl').stat().st_size / 1e6:.0f} MB)",
           [{"first chart": f"{seconds:.2f} s", "slowest of all": f"{max(row[0] for row in rows):.2f} s",
             "memory of the server": f"{server_memory:.0f} MB", "of the page's scripts": f"{heap:.0f} MB"}])


async def listen(port, path, until):
    """How many events come."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /api/v1/{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    events = 0
    while (left := until - time.monotonic()) > 0:
        try:
            piece = await asyncio.wait_for(reader.read(1 << 16), left)
        except asyncio.TimeoutError:
            break
        if not piece:
            break
        events += piece.count(b"\nevent: ") + piece.startswith(b"event: ")
    writer.close()
    return events


async def watched(process, port, listeners, seconds):
    """Events that came to all, and the program's memory at some time and at the end."""
    run, end = the_run(port), time.monotonic() + seconds
    ask(port, f"runs/{run}")
    waiting = [asyncio.create_task(listen(port, f"runs/{run}/events", end)) for _ in range(listeners)]
    await asyncio.sleep(seconds / 3)
    before = memory(process)
    counts = await asyncio.gather(*waiting)
    return sum(counts), before, memory(process)


def trained(listeners, seconds):
    """Images per second of a training on one processor, and what its listeners saw."""
    run = fresh("watch/run")
    processors = os.sched_getaffinity(0)
    its = {min(processors)}
    command = ("train", FASHION_MNIST, "--recipe", "fast", "--minutes", 10, "--out", run, "--set", "referee.mode=off", "--set", "training.threads=1")
    if len(processors) > 1:
        os.sched_setaffinity(0, processors - its)  # what listens takes nothing of the training's
    if listeners:
        process, port = served(*command, "--watch", processors=its)
        seen = asyncio.run(watched(process, port, listeners, seconds))
    else:
        process = subprocess.Popen([FORGER, *map(str, command)], stdout=subprocess.DEVNULL, preexec_fn=lambda: os.sched_setaffinity(0, its))
        time.sleep(seconds)
        seen = (0, 0, 0)
    process.terminate()
    process.wait()
    os.sched_setaffinity(0, processors)
    lines = [json.loads(line) for line in (run / "steps.jsonl").read_text().splitlines()]
    first = next(line for line in lines if line["seconds"] > SETTLED_SECONDS)
    last = lines[-1]
    shutil.rmtree(run)
    return (last["images"] - first["images"]) / (last["seconds"] - first["seconds"]), *seen


def measure_cost(title, listeners, seconds):
    pairs = [(trained(0, seconds), trained(listeners, seconds)) for _ in range(options.pairs)]
    ratios = [with_them[0] / alone[0] for alone, with_them in pairs]
    report(title, [{"listeners": listeners, "alone": f"{median(alone[0] for alone, _ in pairs):.0f} images/s",
                    "watched": f"{median(with_them[0] for _, with_them in pairs):.0f} images/s", "ratio (median)": f"{median(ratios):.3f}",
                    "of all pairs": f"{min(ratios):.3f} to {max(ratios):.3f}",
                    "events to each": f"{median(with_them[1] for _, with_them in pairs) / listeners:.0f}",
                    "memory after a third": f"{median(with_them[2] for _, with_them in pairs):.1f} MB",
                    "at the end": f"{median(with_them[3] for _, with_them in pairs):.1f} MB"}])


PARTS = {"page": measure_page,
         "cost": lambda: measure_cost("A training that is watched", 1, options.seconds),
         "listeners": lambda: measure_cost(f"A training that {options.listeners} watch", options.listeners, 3 * options.seconds)}
for part in options.parts.split(","):
    PARTS[part]()
