"""Runs the program: healthy trainings, branches of them, and what they leave. Everything finished is kept and never run
twice; a folder carries the mark `finished.json` once it is whole."""
import json
import os
import pathlib
import shutil
import subprocess
import time

from inducers import HEALTHY, INDUCERS, SETUPS, START
from tasks import FORGER, RECIPES, SETS

QUIET = {"training.tensorboard": "false", "training.report_steps": 25, "training.checkpoint_keep": 100000,
         "training.checkpoint_minutes": 0, "training.threads": 1, "data.workers": 1}


def program(*arguments, limit=1800, threads=1):
    """Runs the program on one core; returns its exit code, seconds and last words."""
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads))
    start = time.monotonic()
    done = subprocess.run([str(FORGER), *map(str, arguments)], env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit)
    return done.returncode, time.monotonic() - start, "\n".join(done.stdout.splitlines()[-5:])


def settings(changes):
    return [part for key, value in changes.items() for part in ("--set", f"{key}={value}")]


def kept(folder):
    mark = folder / "finished.json"
    return json.loads(mark.read_text()) if mark.exists() else None


def finish(folder, **facts):
    (folder / "finished.json").write_text(json.dumps(facts))
    return facts


def changed(setup, referee):
    return {"training.checkpoint_steps": setup.every, "referee.mode": referee, "referee.every_steps": setup.every, **QUIET}


def train(folder, setup, seed, steps, changes=None, referee="full", data=None):
    """A training from the start. Exit code 1 (a negative answer: it diverged) is a result, not a failure."""
    if facts := kept(folder):
        return facts
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    code, seconds, words = program(
        "train", SETS[data or setup.data].source, "--recipe", RECIPES / f"{setup.recipe}.toml", "--out", folder,
        "--steps", steps, "--seed", seed, "--quiet", *settings(changed(setup, referee) | (changes or {})))
    if code not in (0, 1):
        raise RuntimeError(f"{folder}: {words}")
    return finish(folder, seconds=seconds, code=code, words=words, since=0)


def branch(folder, base, at, setup, steps, changes, data=None):
    """Goes on from the base's checkpoint at step `at` with changed settings."""
    if facts := kept(folder):
        return facts
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("checkpoints", "previews"):
        (folder / name).mkdir(parents=True)
    for item in base.iterdir():
        if item.is_file() and item.name not in ("finished.json", ".lock"):
            shutil.copy2(item, folder)
    for kept_seen in folder.glob("oracle-*.json"):
        seen = {step: glimpse for step, glimpse in json.loads(kept_seen.read_text()).items() if int(step) <= at}
        kept_seen.write_text(json.dumps(seen))
    for path in base.glob("checkpoints/*.safetensors"):
        if int(path.stem) <= at:
            os.link(path, folder / "checkpoints" / path.name)
    (folder / "checkpoints/latest").write_text((base / "checkpoints/latest").read_text().replace(
        latest_name(base), f"{at:08}.safetensors"))
    if data:
        changes = changes | {"data.source": SETS[data].source}
    code, seconds, words = program("resume", folder, "--steps", at + steps, "--quiet", *settings(changes))
    if code not in (0, 1):
        raise RuntimeError(f"{folder}: {words}")
    return finish(folder, seconds=seconds, code=code, words=words, since=at)


def latest_name(run):
    return (run / "checkpoints/latest").read_text().strip()


def healthy_base(root, setup_name, seed, referee):
    """The healthy training that a seed's branches start from."""
    base = root / f"{setup_name}-base-{seed}"
    train(base, SETUPS[setup_name], seed, SETUPS[setup_name].healthy, referee=referee)
    return base


def spoil(root, setup_name, inducer_name, seed, referee="full", variant="", extra=None, longer=1):
    """One run of one inducer, `longer` times as long as usual; the healthy base that it needs is trained first. Returns
    (folder, facts)."""
    setup, inducer = SETUPS[setup_name], INDUCERS[inducer_name]
    folder = root / f"{setup_name}-{inducer_name}{variant}-{seed}"
    changes = inducer.changes | (extra or {})
    data = setup.data + inducer.data if inducer.data else None
    if inducer.branch == START:
        facts = train(folder, setup, seed, setup.healthy + longer * setup.steps, changes, referee, data)
        return folder, facts
    base = healthy_base(root, setup_name, seed, referee)
    at = setup.healthy if inducer.branch == HEALTHY else setup.early
    steps = longer * (inducer.longer * setup.steps if inducer.branch == HEALTHY else setup.healthy + setup.steps - at)
    return folder, branch(folder, base, at, setup, steps, changes, data)


def lines(path):
    """The whole lines of a journal, or none where there is no file."""
    if not path.exists():
        return []
    found = []
    for line in path.read_text().splitlines():
        try:
            found.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return found


def slim(folder):
    """Removes what a judged run no longer needs: all but the newest checkpoint, previews."""
    newest = latest_name(folder)
    for path in folder.glob("checkpoints/*.safetensors"):
        if path.name != newest:
            path.unlink()
    shutil.rmtree(folder / "previews", ignore_errors=True)
