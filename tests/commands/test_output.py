"""What becomes of a call whose standard output or standard error cannot be written."""
import json
import os
import pathlib
import subprocess

import pytest
from PIL import Image

from program import PROGRAM, live_lines, on_a_terminal

TINY = ["train", "synthetic:shapes", "--recipe", "dcgan", "--set", "data.size=16", "--set", "generator.width=4",
        "--set", "discriminator.width=4", "--set", "training.batch_size=8", "--set", "referee.mode=off", "--steps", 6]
FULL = pathlib.Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")


def call(*arguments, output=None, errors=subprocess.PIPE, closed=()):
    """A call with `output` as standard output, and with some of the standard files closed."""
    def close():
        for number in closed:
            os.close(number)
    return subprocess.run([PROGRAM, *map(str, arguments)], stdout=output, stderr=errors, text=True, timeout=120,
                          preexec_fn=close)


def to_a_full_disk(*arguments):
    with open(FULL, "w") as full:
        return call(*arguments, output=full)


def to_a_reader_that_left(*arguments):
    end, beginning = os.pipe()
    os.close(end)
    try:
        return call(*arguments, output=beginning)
    finally:
        os.close(beginning)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Trained for a reader that left: nothing is said, and the training is whole."""
    out = tmp_path_factory.mktemp("runs") / "run"
    result = to_a_reader_that_left(*TINY, "--json", "--out", out)
    assert (result.returncode, result.stderr) == (0, "")
    return out


@needs_full
def test_a_full_disk_is_one_line_and_exit_code_2(trained, tmp_path):
    (tmp_path / "data").mkdir()
    for i in range(3):
        Image.new("L", (16, 16), 40 * i).save(tmp_path / f"data/{i}.png")
    for arguments in (["--help"], ["recipes", "dcgan"], ["info", trained, "--json"], ["data", "check", tmp_path / "data"]):
        result = to_a_full_disk(*arguments)
        assert result.returncode == 2, arguments
        assert result.stderr == "forger: cannot write to standard output: No space left on device\n", arguments

def test_a_training_whose_reader_left_goes_on(trained):
    assert json.loads((trained / "steps.jsonl").read_text().splitlines()[-1])["step"] == 6
    assert (trained / "checkpoints/latest").read_text() == "00000006.safetensors\n"


@needs_full
def test_a_training_with_a_full_disk_for_its_words_goes_on_and_says_so_once(tmp_path):
    result = to_a_full_disk(*TINY, "--json", "--out", tmp_path / "run")
    assert result.returncode == 2
    assert result.stderr == "forger: cannot write to standard output: No space left on device\n"
    assert (tmp_path / "run/checkpoints/latest").read_text() == "00000006.safetensors\n"


def test_a_closed_output_is_no_other_file(trained, tmp_path):
    result = call("sample", trained, "--count", 4, "--out", tmp_path / "four.png", closed=[1])
    assert result.returncode == 2
    assert result.stderr == "forger: cannot write to standard output: Bad file descriptor\n"
    assert Image.open(tmp_path / "four.png").size > (16, 16)
    result = call("sample", trained, "--count", 4, "--out", tmp_path / "again.png", errors=None, closed=[0, 1, 2])
    assert result.returncode == 2
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "four.png").read_bytes()


def test_where_nobody_can_be_told_the_exit_code_stays():
    assert call("recipes", output=subprocess.DEVNULL, errors=None, closed=[2]).returncode == 0
    assert call("recipes", "none", output=subprocess.DEVNULL, errors=None, closed=[2]).returncode == 2
    if FULL.exists():
        with open(FULL, "w") as full:
            assert call("recipes", "none", output=subprocess.DEVNULL, errors=full).returncode == 2


def test_a_reader_that_leaves_is_told_nothing():
    result = to_a_reader_that_left("recipes")
    assert (result.returncode, result.stderr) == (0, "")


def test_a_live_line_fits_its_terminal_and_is_taken_away(tmp_path):
    trained = on_a_terminal(*TINY, "--out", tmp_path / "run", columns=32)
    lines = live_lines(trained)
    assert lines and all(line.startswith("step ") and len(line) == 31 for line in lines), trained
    end = trained.split("\r\x1b[K")[-1].splitlines()
    assert end[0].startswith("step 6/6 | ") and len(end[0]) > 32 and end[-1].startswith("sample "), trained
    assert "\x1b[K" not in call(*TINY, "--out", tmp_path / "plain", output=subprocess.PIPE).stdout
