"""What both Python peers share, so that their own files read as their authors' training scripts do."""
import argparse
import json
import pathlib
import time

START = time.monotonic()  # as near to the program's start as it can be


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("data", help="Fashion-MNIST's IDX folder, a tar of JPEGs, or a folder of them")
    parser.add_argument("--out", required=True, help="folder for steps.jsonl and samples.npz")
    parser.add_argument("--steps", type=int, default=0, help="stop after so many steps")
    parser.add_argument("--seconds", type=float, default=0, help="stop so long after the program's start")
    parser.add_argument("--samples", type=int, default=0, help="images to draw at the end into samples.npz")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu", help="where the networks live, as PyTorch names it")
    options = parser.parse_args()
    if not options.steps and not options.seconds:
        parser.error("give --steps or --seconds")
    return options


class Recorder:
    """Writes steps.jsonl with Forger's field names: `data_wait_seconds` is the part of `step_seconds` before the
    batch was there."""

    def __init__(self, options):
        self.options = options
        self.folder = pathlib.Path(options.out)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file = open(self.folder / "steps.jsonl", "w")
        self.step = 0
        self.begin = self.ready = time.monotonic()

    def batch_is_here(self):
        self.ready = time.monotonic()

    def step_is_done(self):
        """True when the training should end."""
        now = time.monotonic()
        self.step += 1
        self.file.write(json.dumps({"step": self.step, "step_seconds": now - self.begin,
                                    "data_wait_seconds": self.ready - self.begin}) + "\n")
        self.begin = now
        return (self.options.steps and self.step >= self.options.steps) or (
            self.options.seconds and now - START >= self.options.seconds)

    def save_samples(self, generate):
        """Draws `--samples` images; `generate(n)` gives float `[n, channels, height, width]` in [-1, 1]."""
        import numpy
        self.file.close()
        parts = []
        for begin in range(0, self.options.samples, 64):
            images = generate(min(64, self.options.samples - begin))
            parts.append(((images + 1) * 127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).cpu().numpy())
        if parts:
            numpy.savez(self.folder / "samples.npz", images=numpy.concatenate(parts))
