"""Networks of spandrel, the Python library that loads people's super-resolution weights, with random weights."""
import importlib.util
import sys
import types

import pytest

torch = pytest.importorskip("torch", reason="torch is not in the Python environment (LibTorch comes from elsewhere)")

if importlib.util.find_spec("torchvision") is None:
    # spandrel asks for it, and only two networks use it that are not looked at here.
    for name in ("torchvision", "torchvision.transforms", "torchvision.transforms.functional"):
        sys.modules[name] = types.ModuleType(name)
    for name in ("InterpolationMode", "rotate", "normalize"):
        setattr(sys.modules["torchvision.transforms.functional"], name, None)
pytest.importorskip("spandrel", reason="spandrel is not in the Python environment; make setup brings it")

from spandrel.architectures.Compact import Compact  # noqa: E402
from spandrel.architectures.DAT import DAT  # noqa: E402
from spandrel.architectures.ESRGAN import ESRGAN  # noqa: E402
from spandrel.architectures.PLKSR import RealPLKSR  # noqa: E402
from spandrel.architectures.SPAN import SPAN  # noqa: E402
from spandrel.architectures.SwinIR import SwinIR  # noqa: E402


def with_random_weights(network, seed=1):
    """Weights that leave no path through the network without effect."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            fan = weight[0].numel() if weight.dim() > 1 else 4
            weight.copy_(torch.randn(weight.shape, generator=generator) / fan ** 0.5)
            if weight.dim() == 1 and name.endswith("weight"):
                weight.abs_()
            if getattr(network, "is_norm", False) and name.startswith(("conv_1.sk.", "conv_1.conv.2.")):
                weight /= 255  # SPAN, centred, is given numbers up to that
        for name, buffer in network.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(torch.randn(buffer.shape, generator=generator) / 2)
            if name.endswith("running_var"):
                buffer.copy_(torch.rand(buffer.shape, generator=generator) + 0.5)
    return network.eval()


def answer(network, images):
    """In float64, of images in [-1, 1] as forger's networks take and give them."""
    with torch.no_grad():
        return network.double()((images.double() + 1) / 2) * 2 - 1
