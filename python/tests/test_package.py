"""What the package consists of, and which LibTorch it uses."""
import ast
import importlib.metadata
import os
import pathlib
import subprocess
import sys

import torch

import forger

FOLDER = pathlib.Path(forger.__file__).parent


def test_types_are_told():
    assert (FOLDER / "py.typed").exists()
    stub = ast.parse((FOLDER / "_forger.pyi").read_text())
    told = {node.name for node in stub.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    public = {name for name in vars(forger._forger) if not name.startswith("_")}
    assert {"train", "resume", "load", "judge", "evaluate", "Model", "Error"} <= public == told
    for name in public:
        assert getattr(forger, name).__doc__, name
    train = next(node for node in stub.body if getattr(node, "name", "") == "train")
    assert "Callable[[StepReport], None] | None" in ast.unparse(train)


def test_there_is_one_libtorch(run):
    forger.load(run).sample(1)
    with open("/proc/self/maps") as maps:
        mapped = {line.split(maxsplit=5)[5].strip() for line in maps if ".so" in line}
    beside = os.path.realpath(pathlib.Path(torch.__file__).parent / "lib")
    for name in ("libtorch_cpu.so", "libc10.so"):
        assert [path for path in mapped if os.path.basename(path) == name] == [f"{beside}/{name}"]
    assert [path for path in mapped if "libforger" in path] == [f"{FOLDER}/libforger.so.0"]


def test_the_wheel_asks_for_the_torch_that_it_was_built_with():
    built_with = torch.__version__.partition("+")[0]
    assert importlib.metadata.requires("forger") == [f"torch=={built_with}"]
    assert importlib.metadata.version("forger") == forger.__version__


def test_another_torch_is_refused_in_one_line():
    script = """
import sys, types
sys.modules["torch"] = types.ModuleType("torch")
sys.modules["torch"].__version__ = "2.6.0+cpu"
try:
    import forger
except ImportError as error:
    print(error)
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    built_with = torch.__version__.partition("+")[0]
    assert result.stdout == (f"forger: received torch 2.6.0+cpu, accepted: {built_with}, which this package was built "
                             "with\n"), result.stderr
