"""The examples of docs/python.md do what they say."""
import pathlib
import re

import pytest

TEXT = (pathlib.Path(__file__).resolve().parents[2] / "docs/python.md").read_text()
EXAMPLES = re.findall(r"^```python\n(.*?)^```", TEXT, re.M | re.S)


def test_there_are_examples():
    assert len(EXAMPLES) >= 4


def test_the_examples_run_one_after_the_other(upscaler, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "upscaler.safetensors").write_bytes(upscaler.read_bytes())
    names = {}
    for number, example in enumerate(EXAMPLES):
        try:
            exec(compile(example, f"docs/python.md, example {number + 1}", "exec"), names)
        except Exception as error:
            pytest.fail(f"example {number + 1} raised {type(error).__name__}: {error}\n{example}")
