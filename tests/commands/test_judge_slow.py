"""`forger judge` and the referee inside `forger train`, as a person meets them."""
import json
import pathlib

import numpy
import pytest
from PIL import Image

from program import refused_in_one_line as refused
from program import run

RECIPE = """
[generator]
network = "mlp"
normalization = "none"
width = 64
latent_size = 4
learning_rate = 1e-3
beta1 = 0.0
ema = 0.99
[discriminator]
network = "mlp"
width = 64
learning_rate = 1e-3
beta1 = 0.0
[objective]
name = "non-saturating"
r1 = 0.1
[training]
batch_size = 128
tensorboard = false
[referee]
every_steps = 100
start_steps = 0
"""


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def train(folder, name, *arguments, steps=800):
    recipe = folder / "points.toml"
    recipe.write_text(RECIPE)
    out = folder / name
    result = run("train", "synthetic:ring8", "--recipe", recipe, "--out", out, "--steps", steps, *arguments,
                 timeout=300)
    return result, out


@pytest.fixture(scope="module")
def sick(tmp_path_factory):
    """Learning rates of 1: nothing survives that."""
    result, out = train(tmp_path_factory.mktemp("sick"), "run", "--set", "generator.learning_rate=1", "--set",
                        "discriminator.learning_rate=1")
    return result, out


def test_a_ruined_training_is_told_in_one_sentence_with_the_command_that_mends_it(sick):
    result, out = sick
    assert result.returncode in (0, 1), result.stderr
    last = lines_of(out / "verdicts.jsonl")[-1]
    assert last["state"] == "diverged", last
    assert "blew up" in result.stdout
    assert "--set generator.learning_rate=0.001" in result.stdout
    for field in ("step", "state", "sentence", "since_step", "also", "evidence", "remedies"):
        assert field in last
    assert {"name", "value", "interval", "baseline", "threshold"} == set(last["evidence"][0])
    assert {"what", "why", "source", "automatic"} <= set(last["remedies"][0])


def test_judging_it_afterwards_says_the_same_in_both_languages(sick):
    _, out = sick
    result = run("judge", out, "--json")
    assert result.returncode == 1, result.stderr
    assert json.loads(result.stdout)["state"] == "diverged"
    japanese = run("judge", out, "--lang", "ja")
    assert "発散" in japanese.stdout
    assert "accepted: en, ja" in refused("judge", out, "--lang", "tlh")


def test_mending_starts_over_with_usual_rates_and_is_written_down(tmp_path):
    result, out = train(tmp_path, "run", "--mend", "--set", "generator.learning_rate=1", "--set",
                        "discriminator.learning_rate=1", steps=1300)
    events = [line["mend"] for line in lines_of(out / "verdicts.jsonl") if "mend" in line]
    assert events and events[0]["action"] == "begun" and events[0]["remedy"]["restarts"], result.stdout
    assert events[0]["against"] == "diverged"
    assert "learning_rate = 1e-3" in (out / "config.toml").read_text().replace("0.001", "1e-3")
    assert lines_of(out / "verdicts.jsonl")[-1]["state"] != "diverged"


def test_the_report_is_one_page_that_needs_no_other_file(sick, tmp_path):
    _, out = sick
    page = tmp_path / "report.html"
    result = run("judge", out, "--report", page)
    assert result.returncode == 1, result.stderr
    text = page.read_text()
    assert "data:image/png;base64," in text and "diverged" in text
    assert "<link" not in text and "src=\"http" not in text


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "shapes"
    assert run("data", "make", "shapes", folder, "--count", 1500, "--size", 16).returncode == 0
    return folder


def test_one_training_image_three_hundred_times_is_a_copy_and_a_collapse(shapes, tmp_path):
    image = numpy.asarray(Image.open(sorted(shapes.rglob("*.png"))[0]))
    numpy.savez(tmp_path / "one.npz", images=numpy.repeat(image[None], 300, axis=0))
    result = run("judge", "--samples", tmp_path / "one.npz", "--data", shapes, "--json")
    assert result.returncode == 1, result.stderr
    verdict = json.loads(result.stdout)
    assert "full-collapse" in [verdict["state"], *verdict["also"]]


def test_bad_input_is_refused_in_one_line(shapes, tmp_path, sick):
    _, out = sick
    assert "accepted: a run folder" in refused("judge")
    assert "does not exist" in refused("judge", tmp_path / "nothing")
    assert "--data" in refused("judge", "--samples", tmp_path / "x.npz")
    small = numpy.zeros((10, 8, 8, 3), numpy.uint8)
    numpy.savez(tmp_path / "small.npz", images=small)
    assert "8x8" in refused("judge", "--samples", tmp_path / "small.npz", "--data", shapes)
    numpy.savez(tmp_path / "grey.npz", images=numpy.zeros((10, 16, 16, 1), numpy.uint8))
    assert "with 1 channel, accepted" in refused("judge", "--samples", tmp_path / "grey.npz", "--data", shapes)
    numpy.savez(tmp_path / "single.npz", images=numpy.zeros((1, 16, 16, 3), numpy.uint8))
    assert "accepted: 2 or more" in refused("judge", "--samples", tmp_path / "single.npz", "--data", shapes)


def test_a_torn_journal_does_not_stop_the_judge(tmp_path):
    _, out = train(tmp_path, "run", steps=300)
    with open(out / "metrics.jsonl", "a") as file:
        file.write('{"step": 400, "kid"')
    result = run("judge", out, "--json")
    assert result.returncode in (0, 1), result.stderr
    assert json.loads(result.stdout)["state"]


def test_three_minutes_of_few_steps_end_with_a_verdict(tmp_path):
    """A slow machine: one thread, no bfloat16, networks that take a few hundred steps in that time."""
    out = tmp_path / "run"
    wide = [part for key in ("generator", "discriminator") for name, width in (("width", 128), ("max_width", 512))
            for part in ("--set", f"{key}.{name}={width}")]
    result = run("train", "synthetic:shapes", "--minutes", 3, "--out", out, "--set", "training.threads=1", "--set",
                 "training.precision=float32", "--set", "data.size=64", *wide, timeout=400)
    assert result.returncode == 0, result.stderr
    checks, said = lines_of(out / "metrics.jsonl"), lines_of(out / "verdicts.jsonl")[-1]
    assert said["state"] != "warming-up", said
    assert sum(check["cost_seconds"] for check in checks[:-1]) <= 1.5 * 0.03 * 180
    assert said["step"] == lines_of(out / "metrics.jsonl")[-1]["step"]
