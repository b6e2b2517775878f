#!/usr/bin/env python3
"""Golden features of torch-fidelity 0.4's Inception network, with weights from a formula (golden_features.h) instead of
a download.

    pip install --no-deps torch-fidelity==0.4.0 && pip install scipy tqdm requests torch numpy
    python3 make_inception.py > inception.json
"""
import json
import pathlib
import sys
from unittest.mock import MagicMock

import numpy as np
import torch

for name in ("", ".transforms", ".transforms.functional", ".datasets", ".models", ".utils"):
    sys.modules["torchvision" + name] = MagicMock()
from torch_fidelity import feature_extractor_inceptionv3 as fidelity  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "support"))
from golden_numbers import uniform  # noqa: E402


def weights(name, seed, shape):
    numbers = uniform(seed, int(np.prod(shape))).reshape(shape)
    if name.endswith("conv.weight"):
        return (2 * numbers - 1) * (6 / np.prod(shape[1:])) ** 0.5
    return numbers - 0.5 if name.endswith(("bias", "running_mean")) else numbers + 0.5


class WithoutDownload(fidelity.FeatureExtractorInceptionV3):
    """Keeps the network as its constructor builds it, and asks for no weights."""

    def load_state_dict(self, *_):
        pass


fidelity.load_state_dict_from_url = lambda *_, **__: {}
network = WithoutDownload("inception-v3-compat", ["2048"])
names = sorted(name for name in network.state_dict() if not name.startswith("fc.") and "num_batches" not in name)
state = network.state_dict()
with torch.no_grad():
    for seed, name in enumerate(names):
        state[name].copy_(torch.from_numpy(weights(name, seed, tuple(state[name].shape))))
network.eval()
images = torch.from_numpy((uniform(1000, 2 * 3 * 40 * 32) * 256).astype(np.uint8).reshape(2, 3, 40, 32))
with torch.no_grad():
    features, = network(images)
json.dump({"names": len(names), "every_64th": features[:, ::64].double().tolist(),
           "mean": features.double().mean(1).tolist()}, sys.stdout)
