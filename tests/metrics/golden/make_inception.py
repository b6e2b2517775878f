#!/usr/bin/env python3
"""Golden features of torch-fidelity 0.4's Inception network, with weights from a formula (golden_features.h) instead of
a download.

    pip install --no-deps torch-fidelity==0.4.0 && pip install scipy tqdm requests torch numpy
    python3 make_inception.py > inception.json
"""
import json
import sys
from unittest.mock import MagicMock

import numpy as np
import torch

for name in ("", ".transforms", ".transforms.functional", ".datasets", ".models", ".utils"):
    sys.modules["torchvision" + name] = MagicMock()
from torch_fidelity import feature_extractor_inceptionv3 as fidelity  # noqa: E402


def mixed(value):
    """SplitMix64, on an array of uint64."""
    with np.errstate(over="ignore"):
        value = value + np.uint64(0x9E3779B97F4A7C15)
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return value ^ (value >> np.uint64(31))


def uniform(seed, count):
    """Numbers in [0, 1)."""
    return (mixed(np.uint64(seed) * np.uint64(1 << 32) + np.arange(count, dtype=np.uint64)) >> np.uint64(11)) / 2.0**53


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
