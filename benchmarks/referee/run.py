#!/usr/bin/env python3
"""The referee against ground truth: spoils trainings in known ways, asks an oracle what became of each, and compares that
with the referee's verdicts. Restartable: whatever is finished under --out is not run again.

The short form takes less than ten minutes on two cores and writes scores.json. The long form takes up to three hours and
also writes docs/referee.md.
"""
import argparse
import collections
import itertools
import json
import multiprocessing
import os
import pathlib
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
import torch

import scores
import trainings
from inducers import INDUCERS, SETUPS
from oracle import FAULTS, Truth, observe
from tasks import WORK

# Seeds of each inducer on the plane and on images, and of the arms that are mended.
FORMS = {
    "short": {"points": 1, "images": 0, "mended": 0, "healthy": 2},
    "long": {"points": 5, "images": 3, "mended": 2, "healthy": 24},
}
# An attempt takes five checks and more, and there may be three: spoilt trainings that are mended, or only rolled back, are
# so many times as long as the others.
TIME_TO_MEND = 2
MENDABLE = ("overrun", "momentum", "bare", "bare-rmsprop", "one-latent", "rate-one", "critic-rate", "saturating", "slow-critic",
            "still", "still-critic")


def jobs_of(form, setups, inducers, mends=True):
    """Groups of jobs that share one healthy base: [(setup, seed, [(inducer, arm), …]), …], evenly mixed."""
    sizes = FORMS[form]
    groups = collections.defaultdict(list)
    for nth in range(max(sizes["healthy"], sizes["points"])):
        for setup, inducer in itertools.product(setups, inducers):
            if setup not in INDUCERS[inducer].setups:
                continue
            healthy, images = inducer == "none", SETUPS[setup].data not in ("ring", "grid")
            if nth >= (sizes["images"] if images else sizes["healthy" if healthy else "points"]):
                continue
            arms = ["plain"]
            if mends and not images and sizes["mended"] > 0:
                if healthy:
                    arms.append("mend")
                elif nth < sizes["mended"] and inducer in MENDABLE:
                    arms += ["mend", "sham"]
            first = SETUPS[setup].first_healthy_seed if healthy else SETUPS[setup].first_seed
            groups[setup, first + nth] += [(inducer, arm) for arm in arms]
    return [(*key, group) for key, group in groups.items()]


def verdicts_of(folder):
    return [line for line in trainings.lines(folder / "verdicts.jsonl") if "state" in line]


def false_claims(verdicts, truth):
    """Steps of verdicts that the oracle contradicts there: {"alarms": […], "converged": […]}."""
    found = {"alarms": [], "converged": []}
    for verdict in verdicts:
        if verdict["state"] not in scores.CLAIMS:
            continue
        if truth.says(verdict["state"], verdict["step"]) is False:
            kind = "converged" if verdict["state"] == "converged" else "alarms"
            found[kind].append([verdict["step"], verdict["state"]])
    return found


def judge_run(folder, facts, setup_name, inducer_name, seed, arm):
    setup, inducer = SETUPS[setup_name], INDUCERS[inducer_name]
    truth = Truth(folder, setup.data + inducer.data, facts["since"])
    label, accepted, flags = truth.final()
    verdicts = verdicts_of(folder)
    in_window = [v["state"] for v in verdicts if v["step"] > truth.window_start()] or [v["state"] for v in verdicts[-1:]]
    votes = collections.Counter(in_window)
    predicted = max(votes, key=lambda s: (votes[s], len(in_window) - in_window[::-1].index(s))) if votes else None
    checks = [v for v in verdicts if v["step"] > facts["since"]]
    named = next((i for i, v in enumerate(checks) if label in FAULTS and v["state"] in accepted), None)
    onset = truth.onset(label) if label in FAULTS and named is not None else None
    before_onset = sum(v["step"] <= onset for v in checks) if onset else 0
    claims = false_claims(verdicts, truth)
    return {
        "setup": setup_name, "half": setup.half, "inducer": inducer_name, "aims_at": inducer.aims_at, "seed": seed,
        "arm": arm, "label": label, "accepted": accepted, "flags": flags, "sound": truth.sound(label, flags),
        "distance": truth.last_distance(), "predicted": predicted, "states": [[v["step"], v["state"]] for v in verdicts],
        "delay": None if named is None else named + 1,
        "delay_after_onset": None if named is None or not onset else max(0, named + 1 - before_onset),
        "false_alarms": claims["alarms"], "false_converged": claims["converged"],
        "converged_claims": sum(v["state"] == "converged" for v in verdicts),
        "seconds": facts["seconds"], "code": facts["code"], "words": facts["words"],
    }


def changes_of(arm, seed):
    """Rolling back alone, the sham, is the same change from the same checkpoint with other random numbers."""
    return {"plain": {}, "mend": {"referee.mend": "true"}, "sham": {"training.seed": seed + 100_000}}[arm]


def run_group(task):
    root, setup, seed, group, referee, deadline, again = task
    torch.set_num_threads(1)
    done = []
    results = root / "results"
    if not all((results / f"{setup}-{inducer}-{arm}-{seed}.json").exists() for inducer, arm in group) \
            and time.time() < deadline:
        # Looked at once, for all branches.
        observe(trainings.healthy_base(root / "runs", setup, seed, referee), SETUPS[setup].data)
    for inducer, arm in group:
        kept = results / f"{setup}-{inducer}-{arm}-{seed}.json"
        if kept.exists() and not again:
            done.append(json.loads(kept.read_text()))
            continue
        if time.time() > deadline and not kept.exists():
            continue
        try:
            variant = "" if arm == "plain" else f"-{arm}"
            folder, facts = trainings.spoil(root / "runs", setup, inducer, seed, referee, variant, changes_of(arm, seed),
                                            longer=TIME_TO_MEND if arm != "plain" and inducer in MENDABLE else 1)
            result = judge_run(folder, facts, setup, inducer, seed, arm)
        except Exception as error:  # one broken run must not end the hours of the others; it is reported
            print(f"{setup} {inducer} {arm} {seed}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            continue
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(result))
        trainings.slim(folder)
        print(f"{setup:>16} {inducer:<16} {arm:<5} {seed:>2}  true {result['label'] or '(ambiguous)':<26} "
              f"named {result['predicted'] or '–'}", file=sys.stderr, flush=True)
        done.append(result)
    return done


def measure(options):
    """Runs or reads everything; returns the results."""
    root = pathlib.Path(options.out)
    referee = "off" if options.without_referee else options.referee
    deadline = time.time() + options.minutes_limit * 60
    groups = jobs_of(options.form, options.setups.split(","), options.inducers.split(","), not options.without_mending)
    tasks = [(root, *group, referee, deadline, options.judge_again) for group in groups]
    with multiprocessing.get_context("spawn").Pool(options.jobs, maxtasksperchild=20) as pool:
        return [result for part in pool.imap_unordered(run_group, tasks, chunksize=1) for result in part]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--form", choices=FORMS, default="short")
    parser.add_argument("--out", default=str(WORK / "referee"))
    parser.add_argument("--jobs", type=int, default=2, help="trainings side by side, each on one core")
    parser.add_argument("--minutes-limit", type=float,
                        help="starts no run after so many minutes; default: 9 in the short form, 165 in the long")
    parser.add_argument("--setups", default=",".join(SETUPS))
    parser.add_argument("--inducers", default=",".join(INDUCERS))
    parser.add_argument("--referee", default="light", choices=("light", "full"))
    parser.add_argument("--without-referee", action="store_true", help="only what the oracle says: checks the inducers")
    parser.add_argument("--without-mending", action="store_true", help="only the runs that nobody mends")
    parser.add_argument("--without-stacked", action="store_true", help="leaves the hour of stacked modes out")
    parser.add_argument("--judge-again", action="store_true", help="asks the oracle again about runs that are finished")
    options = parser.parse_args()
    if options.minutes_limit is None:
        options.minutes_limit = {"short": 9, "long": 165}[options.form]

    root = pathlib.Path(options.out)
    results = measure(options)
    halves = sorted({result["half"] for result in results})
    by_half = {half: scores.score([r for r in results if r["half"] == half]) for half in halves}
    by_half["both"] = scores.score(results)
    stacked = {}
    if options.form == "long" and not options.without_referee and not options.without_stacked:
        import stacked as stacked_modes
        stacked = stacked_modes.measure(root, options.jobs)
    (root / "scores.json").write_text(json.dumps({"form": options.form, "scores": by_half, "stacked": stacked,
                                                  "results": results}, indent=1))
    command = " ".join(["python", "benchmarks/referee/run.py", *sys.argv[1:]])
    text = scores.markdown(results, by_half, command, stacked)
    print(text)
    if options.form == "long" and not options.without_referee:
        scores.write_document(text)


if __name__ == "__main__":
    main()
