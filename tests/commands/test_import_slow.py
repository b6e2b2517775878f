"""Weights of other programs: the network that is made of them gives what spandrel's gives, in every layout."""
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))
from spandrel_networks import (  # noqa: E402
    DAT, ESRGAN, Compact, RealPLKSR, SPAN, SwinIR, answer, torch, with_random_weights)
from program import done, refused_in_one_line  # noqa: E402

RUN_UPSCALER = str(Path(os.environ["FORGER_BUILD"]) / "tests/run_upscaler")
SIZES = ((16, 16), (17, 23), (5, 9))
MOST_DIFFERENCE = 1e-4


def rrdbnet(scale, unshuffle=1, channels=3, blocks=3):
    return ESRGAN(in_nc=channels * unshuffle ** 2, out_nc=channels, num_filters=8, num_blocks=blocks,
                  scale=scale * unshuffle, shuffle_factor=unshuffle if unshuffle > 1 else None)


def older(state):
    """The names of ESRGAN's second program."""
    places = sorted({int(key.split(".")[1]) for key in state} - {0, 1})
    names = {place: f"upconv{i + 1}" for i, place in enumerate(places[:-2])}
    names.update({0: "conv_first", places[-2]: "HRconv", places[-1]: "conv_last"})
    renamed = {}
    for key, tensor in state.items():
        block = re.fullmatch(r"model\.1\.sub\.(\d+)\.RDB(\d)\.conv(\d)\.0\.(\w+)", key)
        trunk = re.fullmatch(r"model\.1\.sub\.(\d+)\.(\w+)", key)
        if block:
            renamed["RRDB_trunk.{}.RDB{}.conv{}.{}".format(*block.groups())] = tensor
        elif trunk:
            renamed[f"trunk_conv.{trunk[2]}"] = tensor
        else:
            _, place, kind = key.split(".")
            renamed[f"{names[int(place)]}.{kind}"] = tensor
    return renamed


def newest(state):
    """Real-ESRGAN's names."""
    words = (("RRDB_trunk", "body"), ("RDB", "rdb"), ("trunk_conv", "conv_body"), ("HRconv", "conv_hr"),
             ("upconv", "conv_up"))
    renamed = {}
    for key, tensor in older(state).items():
        for old, new in words:
            key = key.replace(old, new)
        renamed[key] = tensor
    return renamed


def oldest(state):
    return dict(state)


def compact(scale, channels=3):
    return Compact(num_in_ch=channels, num_out_ch=channels, num_feat=8, num_conv=3, upscale=scale)


def swinir(upsampler, scale, unshuffle=1, window=8, connection="1conv", channels=3):
    return SwinIR(img_size=4 * window, in_chans=channels, embed_dim=12, depths=[2, 2], num_heads=[3, 3], window_size=window,
                  mlp_ratio=2, upscale=scale * unshuffle, img_range=255 if window == 7 else 1, upsampler=upsampler,
                  resi_connection=connection, start_unshuffle=unshuffle)


def unshuffled_first(state):
    """As programs name them that unshuffle in the first layer."""
    return {key.replace("conv_first.", "conv_first.1."): tensor for key, tensor in state.items()}


def dat(upsampler, scale, split=(2, 4), connection="1conv", bias=True, depth=4):
    return DAT(img_size=16, in_chans=3, embed_dim=96, split_size=list(split), depth=[depth, depth], num_heads=[4, 4],
               expansion_factor=2, qkv_bias=bias, upscale=scale, resi_connection=connection, upsampler=upsampler)


def kernel_of(upsampling):
    return 13 if upsampling == "dysample" else 17


CASES = {
    **{f"rrdbnet {layout.__name__} x{scale}": (lambda scale=scale: rrdbnet(scale), layout)
       for layout in (oldest, older, newest) for scale in (1, 2, 4, 8)},
    "rrdbnet newest x2 unshuffle": (lambda: rrdbnet(2, unshuffle=2), newest),
    "rrdbnet newest x1 unshuffle": (lambda: rrdbnet(1, unshuffle=4), newest),
    "rrdbnet oldest x2 unshuffle": (lambda: rrdbnet(2, unshuffle=2), oldest),
    "rrdbnet grey": (lambda: rrdbnet(4, channels=1), older),
    "rrdbnet rgba": (lambda: rrdbnet(4, channels=4), newest),
    "rrdbnet 12 blocks": (lambda: rrdbnet(2, blocks=12), oldest),
    **{f"compact x{scale}": (lambda scale=scale: compact(scale), oldest) for scale in (1, 2, 3, 4, 8)},
    **{f"span x{scale}{' not centred' if not norm else ''}":
       (lambda scale=scale, norm=norm: SPAN(num_in_ch=3, num_out_ch=3, feature_channels=8, upscale=scale, norm=norm),
        oldest) for scale, norm in ((1, False), (2, True), (4, True), (4, False), (8, False))},
    **{f"realplksr x{scale} {norm} {up}":
       (lambda scale=scale, norm=norm, up=up: RealPLKSR(dim=8, n_blocks=2, upscaling_factor=scale, kernel_size=kernel_of(up),
                                                        use_ea=norm == "group", layer_norm=norm == "layer",
                                                        dysample=up == "dysample"), oldest)
       for scale in (1, 2, 3, 4, 8) for norm, up in (("group", "shuffle"), ("layer", "dysample"))},
    **{f"swinir {upsampler or 'none'} x{scale} {connection}":
       (lambda upsampler=upsampler, scale=scale, connection=connection: swinir(upsampler, scale, connection=connection),
        oldest)
       for upsampler, scales in (("pixelshuffle", (1, 2, 3, 4, 8)), ("pixelshuffledirect", (1, 2, 3, 4, 8)),
                                 ("nearest+conv", (2, 4, 8)), ("", (1,)))
       for scale in scales for connection in ("1conv", "3conv")},
    **{f"swinir window 7{' grey' if channels == 1 else ''}":
       (lambda channels=channels: swinir("", 1, window=7, channels=channels), oldest) for channels in (1, 3)},
    "swinir window 16": (lambda: swinir("pixelshuffle", 2, window=16), oldest),
    "swinir nearest+conv x2 unshuffle": (lambda: swinir("nearest+conv", 2, unshuffle=2), unshuffled_first),
    "swinir pixelshuffle x1 unshuffle": (lambda: swinir("pixelshuffle", 1, unshuffle=4, window=4), unshuffled_first),
    **{f"dat {upsampler} x{scale}": (lambda upsampler=upsampler, scale=scale: dat(upsampler, scale), oldest)
       for upsampler in ("pixelshuffle", "pixelshuffledirect") for scale in (1, 2, 3, 4, 8)},
    "dat 8x16": (lambda: dat("pixelshuffle", 4, split=(8, 16)), oldest),
    "dat 3conv": (lambda: dat("pixelshuffle", 2, connection="3conv"), oldest),
    "dat without bias": (lambda: dat("pixelshuffle", 2, bias=False, depth=1), oldest),
    "compact grey": (lambda: compact(2, channels=1), oldest),
}


def sizes_of(network):
    if not isinstance(network, SwinIR):
        return SIZES
    # Theirs mirrors less than a side, and where it unshuffles it does not fill up at all.
    return ((16, 16), (17, 23), (9, 21)) if network.start_unshuffle == 1 else ((16, 16), (32, 16), (16, 48))


def differences(network, file, folder):
    """The largest difference between both networks' answers in [0, 1], at each size."""
    first = next(weight for name, weight in network.named_parameters() if name.endswith("weight") and weight.dim() == 4)
    unshuffle = getattr(network, "shuffle_factor", None) or getattr(network, "start_unshuffle", 1)
    inputs = first.shape[1] // unshuffle ** 2
    generator = torch.Generator().manual_seed(7)
    images = {f"{h}x{w}": torch.rand(1, inputs, h, w, generator=generator) * 2 - 1 for h, w in sizes_of(network)}
    np.savez(folder / "in.npz", **{name: image.numpy() for name, image in images.items()})
    result = subprocess.run([RUN_UPSCALER, str(file), str(folder / "in.npz"), str(folder / "out.npz")],
                            capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    made = np.load(folder / "out.npz")
    largest = []
    for name, image in images.items():
        wanted = answer(network, image).numpy()
        assert made[name].shape == wanted.shape
        assert wanted.std() > 0.01, "an answer without content shows nothing"
        largest.append(np.abs(made[name] - wanted).max() / 2)
    return largest


@pytest.mark.parametrize("name", CASES)
def test_gives_what_the_others_network_gives(name, tmp_path):
    make, layout = CASES[name]
    network = with_random_weights(make())
    torch.save({"params_ema": layout(network.state_dict())}, tmp_path / "weights.pth")
    assert max(differences(network, tmp_path / "weights.pth", tmp_path)) <= MOST_DIFFERENCE


def saved_ways(state):
    from safetensors.torch import save_file
    parameters = {key: torch.nn.Parameter(value.clone()) for key, value in state.items()}
    return {
        "zip.pth": lambda path: torch.save(state, path),
        "old.pth": lambda path: torch.save({"params": state}, path, _use_new_zipfile_serialization=False),
        "old_views.pth": lambda path: torch.save(views_of_one_storage(state), path, _use_new_zipfile_serialization=False),
        "views.pth": lambda path: torch.save(views_of_one_storage(state), path),
        "parameters.pth": lambda path: torch.save({"epoch": 3, "loss": 0.5, "state_dict": parameters}, path),
        "prefixes.pth": lambda path: torch.save({"model": {"module." + k: v for k, v in state.items()}}, path),
        "net_g.pth": lambda path: torch.save({"netG." + k: v for k, v in state.items()}, path),
        "protocol_4.pth": lambda path: torch.save(state, path, pickle_protocol=4),
        "weights.safetensors": lambda path: save_file({k: v.contiguous() for k, v in state.items()}, path),
    }


def views_of_one_storage(state):
    whole = torch.cat([value.flatten() for value in state.values()])
    views, place = {}, 0
    for key, value in state.items():
        views[key] = whole[place:place + value.numel()].view(value.shape)
        place += value.numel()
    return views


@pytest.mark.parametrize("name", saved_ways({}))
def test_understands_every_way_to_save_weights(name, tmp_path):
    network = with_random_weights(rrdbnet(2))
    saved_ways(oldest(network.state_dict()))[name](tmp_path / name)
    assert max(differences(network, tmp_path / name, tmp_path)) <= MOST_DIFFERENCE


@pytest.mark.parametrize("dtype", (torch.float16, torch.bfloat16, torch.float64))
def test_understands_other_kinds_of_numbers(dtype, tmp_path):
    network = with_random_weights(compact(2)).to(dtype)
    torch.save(network.state_dict(), tmp_path / "weights.pth")
    assert max(differences(network, tmp_path / "weights.pth", tmp_path)) <= MOST_DIFFERENCE


def test_imports_a_model_file_that_gives_the_same(tmp_path):
    network = with_random_weights(rrdbnet(4))
    torch.save({"params_ema": newest(network.state_dict())}, tmp_path / "x4.pth")
    said = done("import", tmp_path / "x4.pth", "--out", tmp_path / "x4.safetensors")
    assert "RRDBNet, layout body.N.rdb1: rrdbnet, 8 features, 3 blocks, scale 4" in said
    assert max(differences(network, tmp_path / "x4.safetensors", tmp_path)) <= MOST_DIFFERENCE
    for name in ("x4.pth", "x4.safetensors"):
        info = done("info", tmp_path / name)
        assert re.search(r"scale +4\n", info) and re.search(r"imported_from +x4.pth\n", info), info


def test_refuses_what_could_run_and_names_it(tmp_path):
    class Hostile:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path}/run",)

    for name, new in (("new.pth", True), ("old.pth", False)):
        torch.save({"params": Hostile()}, tmp_path / name, _use_new_zipfile_serialization=new)
        assert "posix.system" in refused_in_one_line("import", tmp_path / name, "--out", tmp_path / "x.safetensors")
    assert not (tmp_path / "run").exists()


def test_names_what_it_does_not_understand(tmp_path):
    def refusal(state, *more):
        torch.save(state, tmp_path / "x.pth")
        return refused_in_one_line("import", tmp_path / "x.pth", "--out", tmp_path / "x.safetensors", *more)

    state = newest(with_random_weights(rrdbnet(4)).state_dict())
    assert "layers.0.attention" in refusal({"layers.0.attention": torch.ones(2)})
    assert "conv_extra.weight" in refusal({**state, "conv_extra.weight": torch.ones(2)})
    assert "conv_hr.bias" in refusal({k: v for k, v in state.items() if k != "conv_hr.bias"})
    wrong = refusal({**state, "conv_hr.weight": torch.ones(8, 9, 3, 3)})
    assert "conv_hr.weight is [8, 9, 3, 3], the architecture needs [8, 8, 3, 3]" in wrong
    assert "not finite" in refusal({**state, "conv_hr.bias": torch.full((8,), float("nan"))})
    uneven = swinir("", 1).state_dict()
    del uneven["layers.1.residual_group.blocks.1.norm1.weight"]
    assert "layers.1.residual_group.blocks.1.norm1.weight" in refusal(uneven)
    endless = dat("pixelshuffle", 2, depth=1).state_dict()
    endless["layers.0.blocks.0.attn.attns.0.rpe_biases"] *= float("inf")
    assert "rpe_biases ends with a difference of" in refusal(endless)
    assert "as compact" in refusal(state, "--as", "compact")
    assert "did you mean" in refusal(state, "--as", "rrdbnett")
