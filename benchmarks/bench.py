"""What the benchmarks share: running a program and measuring it, tables, and the file that keeps every result.

Imports only the standard library: a child's peak memory starts at its parent's, so this parent stays small.
"""
import datetime
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FORGER = os.environ.get("FORGER_PROGRAM", str(ROOT / "build/release/forger"))
WORK = ROOT / "build/bench"
PEERS = ROOT / "benchmarks/peers"
FASHION_MNIST = pathlib.Path("/usr/share/datasets/fashion-mnist")
CIFAR10 = ROOT.parent / "shared/data/cifar10/train.tar"
BSDS500 = ROOT.parent / "shared/data/bsds500"


class Measured:
    """What one run of a program took."""

    def __init__(self, seconds, processor_seconds, peak_bytes):
        self.seconds = seconds
        self.processor_seconds = processor_seconds
        self.peak_bytes = peak_bytes


def run(command, threads=None):
    """Runs a program to its end. Its peak memory is that of its largest process, workers not added up."""
    environment = dict(os.environ)
    if threads:
        environment.update(OMP_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads))
    WORK.mkdir(parents=True, exist_ok=True)
    log = WORK / "last-run.log"
    with open(log, "w") as output:
        start = time.monotonic()
        process = subprocess.Popen([str(part) for part in command], env=environment, cwd=ROOT,
                                   stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(str(part) for part in command)}\nended with {process.returncode}:\n"
                 + "".join(log.read_text().splitlines(keepends=True)[-15:]))
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def forger(*arguments):
    """What a call of Forger that takes no part in a measurement prints; its failure ends the benchmark."""
    done = subprocess.run([FORGER, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return done.stdout


def evaluate(*arguments):
    """{measure: value} of `forger evaluate`."""
    return {measure["name"]: measure["value"] for measure in json.loads(forger("evaluate", *arguments, "--json"))["measures"]}


def fresh(name):
    """An empty place under build/bench: the folder's parent is there, the folder itself is not."""
    path = WORK / name
    shutil.rmtree(path, ignore_errors=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def read_steps(folder, skip=10):
    """The lines of a steps.jsonl after the first `skip` steps, which warm up caches and allocators."""
    lines = [json.loads(line) for line in (pathlib.Path(folder) / "steps.jsonl").read_text().splitlines()]
    lines = [line for line in lines if line["step"] > skip]
    if not lines:
        sys.exit(f"{folder}/steps.jsonl has no step after the first {skip}; measure more steps")
    return lines


def median(values):
    return statistics.median(values)


def machine():
    """One line about this machine: results mean nothing without it."""
    cpu = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":")[1].strip()
            break
    return f"{cpu}, {len(os.sched_getaffinity(0))} processors"


def revision():
    answer = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True)
    return answer.stdout.strip() or "unknown"


def report(title, rows):
    """Prints rows (dictionaries with the same keys) as a Markdown table and keeps them in build/bench/results.jsonl."""
    command = " ".join(["python", os.path.relpath(sys.argv[0], ROOT), *sys.argv[1:]])
    print(f"\n### {title}\n\n`{command}` on {machine()}, Forger {revision()}\n")
    columns = list(rows[0])
    print("| " + " | ".join(columns) + " |")
    print("|" + " --- |" * len(columns))
    for row in rows:
        print("| " + " | ".join(str(row[column]) for column in columns) + " |")
    print(flush=True)
    WORK.mkdir(parents=True, exist_ok=True)
    with open(WORK / "results.jsonl", "a") as file:
        file.write(json.dumps({"title": title, "command": command, "machine": machine(), "revision": revision(),
                               "time": datetime.datetime.now().isoformat(timespec="seconds"), "rows": rows}) + "\n")


def megabytes(size):
    return f"{size / 1e6:.0f} MB"
