"""Trains, judges and ships generative adversarial networks.

    import forger

    forger.train("my/images", "runs/mine", minutes=60, on_verdict=print)
    images = forger.load("runs/mine").sample(64)  # a torch.Tensor, float32 [64, channels, height, width] in [-1, 1]
"""
# First: the library uses the LibTorch that torch has loaded.
import torch

from ._built_with import TORCH

if torch.__version__.partition("+")[0] != TORCH:
    raise ImportError(f"forger: received torch {torch.__version__}, accepted: {TORCH}, which this package was built with")

from ._forger import *  # noqa: E402, F403
from ._forger import __version__  # noqa: E402, F401
