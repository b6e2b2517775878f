"""Trainings from Python: what is watched, what is raised, who waits for whom."""
import json
import math
import signal
import subprocess
import sys
import threading
import time

import pytest

import forger
from conftest import SMALL


def train(out, data="synthetic:shapes", **options):
    options = {"recipe": "dcgan", "settings": SMALL, **options}
    return forger.train(data, out, **options)


def test_every_step_is_reported_as_in_the_journal(stripes, tmp_path):
    reports, verdicts = [], []
    settings = {**SMALL, "referee.every_steps": 2}
    result = train(tmp_path / "run", stripes, steps=4, settings=settings, on_step=reports.append, on_verdict=verdicts.append)
    lines = [json.loads(line) for line in (tmp_path / "run/steps.jsonl").read_text().splitlines()]
    assert [report.step for report in reports] == [line["step"] for line in lines] == [1, 2, 3, 4]
    assert set(reports[0].losses) == {"generator", "discriminator"}
    assert [player.name for player in reports[0].players] == ["generator", "discriminator"]
    assert verdicts and verdicts[-1].sentence == result.verdict.sentence
    assert json.loads(verdicts[0].to_json())["state"] == verdicts[0].state


def test_settings_and_seed_reach_the_run(tmp_path):
    train(tmp_path / "run", steps=1, seed=7, settings={**SMALL, "data.flip": True, "generator.learning_rate": 1e-4})
    toml = (tmp_path / "run/config.toml").read_text()
    for line in ("size = [16, 16]", "flip = true", "learning_rate = 0.0001", "seed = 7", "steps = 1"):
        assert line in toml, line


def test_other_threads_run_meanwhile(tmp_path):
    counted, done = [0], threading.Event()

    def count():
        while not done.is_set():
            counted[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    began = time.monotonic()
    train(tmp_path / "run", steps=20)
    seconds = time.monotonic() - began
    during = counted[0]
    done.set()
    thread.join()
    assert during > 10 * seconds  # of up to 1,000 a second; with the lock held it would be one or two


def test_what_a_function_raises_ends_the_training_with_a_checkpoint(tmp_path):
    def fail(report):
        if report.step == 3:
            raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        train(tmp_path / "run", steps=1000, on_step=fail)
    assert forger.load(tmp_path / "run").info.provenance["steps"] == "3"
    assert forger.resume(tmp_path / "run", steps=5).step == 5


def test_it_stops_when_asked(tmp_path):
    steps = []
    result = train(tmp_path / "run", steps=1000, on_step=lambda report: steps.append(report.step),
                   stop_requested=lambda: len(steps) == 2)
    assert (result.end, result.step) == ("stopped", 2)


def test_ctrl_c_leaves_a_checkpoint_and_raises_keyboard_interrupt(tmp_path):
    run = tmp_path / "run"
    script = f"""
import forger
try:
    forger.train("synthetic:shapes", {str(run)!r}, recipe="dcgan", steps=10**6, settings={SMALL!r})
except KeyboardInterrupt:
    print("interrupted")
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    journal = run / "steps.jsonl"
    while not journal.exists() or journal.read_text().count("\n") < 3:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out, errors) == (0, "interrupted\n", "")
    stopped = int(forger.load(run).info.provenance["steps"])
    assert stopped >= 3
    assert forger.resume(run, steps=stopped + 2).step == stopped + 2


def test_nothing_is_printed(tmp_path):
    script = f"""
import forger
forger.train("synthetic:shapes", {str(tmp_path / "run")!r}, recipe="dcgan", steps=2, settings={SMALL!r})
forger.load({str(tmp_path / "run")!r}).sample(2)
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_run_is_judged_as_the_program_judges_it(run, program, tmp_path):
    judgement = forger.judge(run)
    said = json.loads(subprocess.run([program.path, "judge", run, "--json"], capture_output=True, text=True).stdout)
    assert (judgement.verdict.state, judgement.verdict.sentence) == (said["state"], said["sentence"])
    forger.write_report(run, tmp_path / "report.html", judgement.verdict)
    assert judgement.verdict.state in (tmp_path / "report.html").read_text()


def test_samples_are_measured_as_the_program_measures_them(run, stripes, program):
    measured = forger.evaluate(run, stripes, metrics=["swd"], count=8)
    said = json.loads(program("evaluate", run, stripes, "--metrics", "swd", "--count", 8, "--json"))
    assert measured.samples == 8 and math.isfinite(measured.measures[0].value)
    assert any(number == pytest.approx(measured.measures[0].value, rel=1e-6) for number in numbers_in(said))


def numbers_in(said):
    """All numbers in JSON."""
    if isinstance(said, dict):
        said = list(said.values())
    if isinstance(said, list):
        return [number for part in said for number in numbers_in(part)]
    return [said] if isinstance(said, float) else []


def test_recipes_are_those_of_the_program(program):
    for name, _ in forger.recipes():
        assert name in program("recipes")
    assert forger.default_recipe("synthetic:ring8") == "points"
