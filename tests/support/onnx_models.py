"""Exported models in ONNX Runtime and OpenVINO, beside what Forger makes of the same numbers."""
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not in the Python environment; make test brings it")
onnx = pytest.importorskip("onnx", reason="onnx is not in the Python environment; make test brings it")
openvino = pytest.importorskip("openvino", reason="openvino is not in the Python environment; make test brings it")

from program import done  # noqa: E402

RUN_MODEL = str(Path(os.environ["FORGER_BUILD"]) / "tests/run_model")
MOST_DIFFERENCE = 1e-4


def checked(file):
    """Passes ONNX's own checker, with the shapes that it infers."""
    onnx.checker.check_model(str(file), full_check=True)
    return file


def session(file):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def in_openvino(file):
    """A function from inputs and names of outputs to arrays, in float32."""
    core = openvino.Core()
    run = core.compile_model(core.read_model(str(file)), "CPU", {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1})
    return lambda inputs, outputs: [made[name] for made in (run(inputs),) for name in outputs]


def numbers_for(inputs, batch, sides, seed):
    """Random inputs of a session for so many images of these sides."""
    numbers, made = np.random.default_rng(seed), {}
    for port in inputs:
        shape = [batch if side == "batch" else dict(zip(("height", "width"), sides)).get(side, side) for side in port.shape]
        if port.name == "class":
            made["class"] = numbers.integers(0, 2, shape)
        elif port.name == "latent":
            made["latent"] = numbers.uniform(-1, 1, shape).astype("float32")
        else:
            made["images"] = numbers.uniform(-1, 1, shape).astype("float32")
    return made


def answers(part, model, cases, folder):
    """What Forger makes of the cases, by their names."""
    np.savez(folder / "in.npz", **{f"{case}.{name}": array for case, inputs in cases.items() for name, array in inputs.items()})
    result = subprocess.run([RUN_MODEL, part, str(model), str(folder / "in.npz"), str(folder / "out.npz")],
                            capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    made = {}
    for name, array in np.load(folder / "out.npz").items():
        case, output = name.split(".")
        made.setdefault(case, {})[output] = array
    return made


def differences(part, model, folder, sizes=((16, 16), (17, 23)), batches=(1, 3), varied=True, options=()):
    """The largest difference of each output of ONNX Runtime and OpenVINO from Forger's, relative where numbers are above 1."""
    file = checked_export(model, folder / f"{part}.onnx", "--part", part, "--raw", *options)
    run = session(file)
    cases = {f"{batch}x{h}x{w}": numbers_for(run.get_inputs(), batch, (h, w), 1) for batch in batches for h, w in sizes}
    runtimes = {"ONNX Runtime": lambda inputs, outputs: run.run(outputs, inputs), "OpenVINO": in_openvino(file)}
    largest = {}
    for case, wanted in answers(part, model, cases, folder).items():
        assert not varied or all(array.size < 8 or array.std() > 0.01 for array in wanted.values()), "an answer without content"
        for runtime, makes in runtimes.items():
            for (name, array), found in zip(wanted.items(), makes(cases[case], list(wanted))):
                assert found.shape == array.shape, (runtime, case, name)
                apart = np.abs(found - array) / np.maximum(np.abs(array), 1)
                key = f"{name} in {runtime}"
                largest[key] = max(largest.get(key, 0), float(apart.max()))
    return largest


def checked_export(model, file, *options):
    done("export", model, "--out", file, *options)
    return checked(file)


def with_random_weights(file, seed=1):
    """Weights that leave no path through a model's networks without effect, in place of those in a model file."""
    from safetensors import safe_open
    from safetensors.numpy import save_file
    numbers = np.random.default_rng(seed)
    with safe_open(file, "numpy") as opened:
        metadata, tensors = opened.metadata(), {name: opened.get_tensor(name) for name in opened.keys()}
    for name, tensor in tensors.items():
        if name.startswith("detector.") or tensor.dtype != np.float32:
            continue
        if name.endswith("running_var"):
            made = numbers.uniform(0.5, 1.5, tensor.shape)
        elif tensor.ndim > 1 and tensor.shape[0] > 1:
            made = numbers.normal(0, 1.2 / max(tensor[0].size, 1) ** 0.5, tensor.shape)
        else:
            made = numbers.normal(0, 0.3, tensor.shape)
            if name.endswith("weight"):
                made = np.abs(made) + 0.5
        tensors[name] = made.astype("float32")
    save_file(tensors, file, metadata)
    return file
