"""A training that is done once: what lies finished under build/bench is not trained again."""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from bench import FORGER, ROOT, fresh, read_steps, run


class Trained:
    """A finished run: its folder, its samples (.npz) and what it cost."""

    def __init__(self, folder):
        self.folder = folder
        self.samples = folder.with_suffix(".npz")
        self.steps = read_steps(folder, skip=0)[-1]["step"]
        self.minutes = json.loads(folder.with_suffix(".json").read_text())["processor_minutes"]


def train(name, data, recipe, settings, samples, threads):
    """Trains `recipe` into build/bench/NAME and draws `samples` images, unless that was done before with the same
    resolved configuration. A training that was broken off starts again. Time is the processor's, so that other
    programs on the machine count little."""
    out = ROOT / "build/bench" / name
    done = out.with_suffix(".json")
    command = [FORGER, "train", data, "--recipe", ROOT / f"recipes/{recipe}.toml", "--set", f"training.threads={threads}",
               *(part for setting in settings for part in ("--set", setting))]
    plan = subprocess.run([str(part) for part in command + ["--dry-run"]], cwd=ROOT, capture_output=True, text=True)
    if plan.returncode != 0:
        sys.exit(plan.stderr)
    if not (done.exists() and plan.stdout.startswith((out / "config.toml").read_text())
            and json.loads(done.read_text())["samples"] == samples):
        done.unlink(missing_ok=True)
        fresh(name)
        print(f"training {name} …", file=sys.stderr, flush=True)
        measured = run([*command, "--out", out, "--quiet"], threads)
        run([FORGER, "sample", out, "--count", samples, "--out", out.with_suffix(".npz")], threads)
        done.write_text(json.dumps({"processor_minutes": measured.processor_seconds / 60, "samples": samples}))
    return Trained(out)
