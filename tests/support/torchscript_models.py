"""Models that were written as TorchScript in PyTorch, beside what Forger makes of the same numbers."""
import json
import warnings

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not in the Python environment; make test brings it")

from onnx_models import answers, numbers_for  # noqa: E402
from program import done  # noqa: E402

MOST_SCRIPT_DIFFERENCE = 1e-5
#: Of the deepest upscalers with random weights, where rounding adds up.
MOST_DEEP_DIFFERENCE = 3e-5
#: Of r3gan's generator with random weights, which in float32 lies up to 1.2e-5 from what it makes in float64.
MOST_R3GAN_DIFFERENCE = 2e-5


class Port:
    """An input as the command prints it: `in   images   float32  [batch, 3, height, width]`."""

    def __init__(self, line):
        _, name, _, sides = line.split(maxsplit=3)
        #: Forger's own answers are asked for by the names of ONNX.
        self.name = "class" if name == "labels" else name
        self.shape = [int(side) if side.isdecimal() else side for side in sides.strip("[]").split(", ")]


def loaded(file):
    """A written module, and the metadata in it."""
    extra = {"forger.json": ""}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is old
        module = torch.jit.load(str(file), _extra_files=extra)
    return module, json.loads(extra["forger.json"])


def script_differences(part, model, folder, sizes=((16, 16), (17, 23)), batches=(1, 3), varied=True, options=()):
    """The largest difference of each output between PyTorch's and Forger's, relative where numbers are above 1."""
    said = done("export", model, "--out", folder / f"{part}.pt", "--part", part, "--raw", *options).splitlines()
    inputs = [Port(line) for line in said if line.startswith("  in ")]
    module, _ = loaded(folder / f"{part}.pt")
    cases = {f"{batch}x{h}x{w}": numbers_for(inputs, batch, (h, w), 1) for batch in batches for h, w in sizes}
    largest = {}
    for case, wanted in answers(part, model, cases, folder).items():
        with torch.no_grad():
            made = module(*(torch.from_numpy(cases[case][port.name]) for port in inputs))
        outputs = ("score", "p_normal", "map") if isinstance(made, tuple) else tuple(wanted)
        for name, found in zip(outputs, made if isinstance(made, tuple) else (made,)):
            array, found = wanted[name], found.numpy()
            assert found.shape == array.shape, (case, name)
            assert not varied or array.size < 8 or array.std() > 0.01, "an answer without content shows nothing"
            apart = np.abs(found - array) / np.maximum(np.abs(array), 1)
            largest[name] = max(largest.get(name, 0), float(apart.max()))
    return largest
