"""Generators of CycleGAN's and pix2pix's authors: the network that is made of their weights gives what theirs gives."""
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))
from cyclegan_networks import (  # noqa: E402
    ResnetGenerator, UnetGenerator, answer, patch_discriminator, torch, with_random_weights)
from program import done, refused_in_one_line  # noqa: E402

RUN_UPSCALER = str(Path(os.environ["FORGER_BUILD"]) / "tests/run_upscaler")
MOST_DIFFERENCE = 1e-4

CASES = {
    **{f"resnet_{blocks}blocks {norm}{' dropout' if dropout else ''}":
       (lambda blocks=blocks, norm=norm, dropout=dropout:
        ResnetGenerator(3, 3, norm=norm, dropout=dropout, blocks=blocks))
       for blocks in (6, 9) for norm in ("instance", "old-instance", "batch", "none") for dropout in (False, True)},
    **{f"unet_{2 ** levels} {norm}{' dropout' if dropout else ''}":
       (lambda levels=levels, norm=norm, dropout=dropout:
        UnetGenerator(3, 3, levels, norm=norm, dropout=dropout))
       for levels in (7, 8) for norm in ("instance", "old-instance", "batch", "none") for dropout in (False, True)},
    "resnet grey to colours": lambda: ResnetGenerator(1, 3, blocks=6),
    "unet colours to grey": lambda: UnetGenerator(3, 1, 7),
    "unet_32": lambda: UnetGenerator(3, 3, 5),
    "resnet batch with biases": lambda: ResnetGenerator(3, 3, norm="batch", blocks=6, bias=True),
    "unet batch with biases": lambda: UnetGenerator(3, 3, 7, norm="batch", bias=True),
}


def sizes_of(network):
    if isinstance(network, ResnetGenerator):
        return ((32, 32), (64, 40), (20, 100))
    side = 2 ** sum(name.endswith("model.0.weight") or ".model.1.weight" in name and weight.dim() == 4
                    for name, weight in network.named_parameters())
    return ((side, side), (side, 2 * side))


def difference(network, file, folder, statistics="image"):
    """The largest difference between both networks' answers in [0, 1]."""
    inputs = next(network.parameters()).shape[1]
    generator = torch.Generator().manual_seed(7)
    images = {f"{h}x{w}": torch.rand(1, inputs, h, w, generator=generator) * 2 - 1 for h, w in sizes_of(network)}
    np.savez(folder / "in.npz", **{name: image.numpy() for name, image in images.items()})
    result = subprocess.run([RUN_UPSCALER, str(file), str(folder / "in.npz"), str(folder / "out.npz")],
                            capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    made, largest = np.load(folder / "out.npz"), 0
    for name, image in images.items():
        wanted = answer(network, image, statistics).numpy()
        assert made[name].shape == wanted.shape
        assert wanted.std() > 0.01, "an answer without content shows nothing"
        largest = max(largest, np.abs(made[name] - wanted).max() / 2)
    return largest


@pytest.mark.parametrize("name", CASES)
def test_gives_what_the_authors_network_gives(name, tmp_path):
    network = with_random_weights(CASES[name]())
    torch.save(network.state_dict(), tmp_path / "latest_net_G.pth")
    assert difference(network, tmp_path / "latest_net_G.pth", tmp_path) <= MOST_DIFFERENCE


@pytest.mark.parametrize("prefix", ("module.", "netG.", "_orig_mod.module."))
@pytest.mark.parametrize("make", (lambda: ResnetGenerator(3, 3, blocks=6), lambda: UnetGenerator(3, 3, 7)))
def test_takes_off_what_stands_before_every_name(prefix, make, tmp_path):
    network = with_random_weights(make())
    torch.save({prefix + name: weight for name, weight in network.state_dict().items()}, tmp_path / "x.pth",
               _use_new_zipfile_serialization=prefix != "module.")
    assert difference(network, tmp_path / "x.pth", tmp_path) <= MOST_DIFFERENCE


def test_imports_a_model_that_says_what_it_is(tmp_path):
    for network, name, words in (
            (ResnetGenerator(3, 3), "cyclegan-resnet", ("resnet, width 8, blocks 9, instance normalisation", "unpaired-translation")),
            (UnetGenerator(1, 3, 8), "pix2pix-unet",
             ("unet, width 8, depth 8, batch normalisation by each image, dropout 0.5", "paired-translation"))):
        torch.save(with_random_weights(network).state_dict(), tmp_path / "x.pth")
        said = done("import", tmp_path / "x.pth", "--as", name, "--out", tmp_path / "x.safetensors")
        assert words[0] in said
        info = done("info", tmp_path / "x.safetensors")
        assert words[0] in info and words[1] in info and "imported_from" in info
        assert difference(network, tmp_path / "x.safetensors", tmp_path) <= MOST_DIFFERENCE


@pytest.mark.parametrize("bias", (False, True))
def test_keeps_what_batch_normalisation_counted_in_training(bias, tmp_path):
    from safetensors import safe_open
    from safetensors.torch import save_file
    network = with_random_weights(UnetGenerator(3, 3, 7, norm="batch", bias=bias))
    torch.save(network.state_dict(), tmp_path / "x.pth")
    done("import", tmp_path / "x.pth", "--out", tmp_path / "x.safetensors")
    with safe_open(tmp_path / "x.safetensors", "pt") as file:
        tensors, metadata = {name: file.get_tensor(name) for name in file.keys()}, file.metadata()
    parts = json.loads(metadata["parts"])
    parts[0]["options"]["statistics"] = "running"
    save_file(tensors, tmp_path / "y.safetensors", {**metadata, "parts": json.dumps(parts)})
    assert difference(network, tmp_path / "y.safetensors", tmp_path, statistics="running") <= MOST_DIFFERENCE


def test_refuses_what_is_no_generator_in_one_line(tmp_path):
    def refusal(state, *more):
        torch.save(state, tmp_path / "x.pth")
        said = refused_in_one_line("import", tmp_path / "x.pth", "--out", tmp_path / "x.safetensors", *more)
        assert not (tmp_path / "x.safetensors").exists()
        return said

    critic = patch_discriminator(3).state_dict()
    assert "is a discriminator" in refusal(critic)
    assert "is a discriminator" in refusal({"module." + name: weight for name, weight in critic.items()},
                                           "--as", "pix2pix-unet")
    state = ResnetGenerator(3, 3).state_dict()
    assert "as pix2pix-unet" in refusal(state, "--as", "pix2pix-unet")
    assert "model.99.weight" in refusal({**state, "model.99.weight": torch.ones(2)})
    assert "model.26.weight" in refusal({name: weight for name, weight in state.items() if name != "model.26.weight"})
    wrong = refusal({**state, "model.4.weight": torch.ones(16, 9, 3, 3)})
    assert "model.4.weight is [16, 9, 3, 3], accepted: [16, 8, 3, 3]" in wrong
