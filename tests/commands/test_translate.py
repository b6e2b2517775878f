"""`forger translate` as a person runs it."""
import json
import math
import random
import struct

import numpy
import pytest
from PIL import Image

from program import done, refused_in_one_line, run


def write_model(path, options, shapes, channels=(3, 3), kind="translator", game="paired-translation"):
    """A model with random weights, and scales of 1 where something is normalised."""
    numbers = random.Random(4)
    header, content = {}, b""
    for name, shape in shapes.items():
        count = math.prod(shape)
        fan = math.prod(shape[1:]) ** 0.5
        values = [1.0 if "norm" in name and name.endswith("weight") else numbers.gauss(0, 1) / fan for _ in range(count)]
        header["generator." + name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(content), len(content) + 4 * count]}
        content += struct.pack(f"<{count}f", *values)
    header["__metadata__"] = {
        "format": "forger-model", "version": "2", "game": game,
        "parts": json.dumps([{"role": "generator", "kind": kind, "options": options}]),
        "description": json.dumps({"image_channels": channels[1], "image_height_px": 0, "image_width_px": 0,
                                   "source_channels": channels[0], "source_height_px": 0, "source_width_px": 0,
                                   "class_names": []}),
        "provenance": "{}"}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + content)
    return path


def write_resnet(path, normalization="instance", channels=(3, 3)):
    shapes = {}
    layers = {"first": (2, channels[0], 7, 7), "down1": (4, 2, 3, 3), "down2": (8, 4, 3, 3), "block1a": (8, 8, 3, 3),
              "block1b": (8, 8, 3, 3), "up2": (4, 8, 3, 3), "up1": (2, 4, 3, 3), "last": (channels[1], 2, 7, 7)}
    for name, shape in layers.items():
        shapes[name + ".weight"] = shape
        if normalization == "none" or name == "last":
            shapes[name + ".bias"] = shape[:1]
        else:
            shapes[name + "_norm.weight"] = shapes[name + "_norm.bias"] = shape[:1]
    options = {"network": "resnet", "width": 2, "max_width": 8, "blocks": 1, "normalization": normalization}
    return write_model(path, options, shapes, channels)


def write_unet(path):
    """One that drops, so that a picture has many translations."""
    shapes = {"down1.weight": (2, 3, 4, 4), "down1.bias": (2,), "down2.weight": (4, 2, 4, 4), "down_norm2.weight": (4,),
              "down_norm2.bias": (4,), "down3.weight": (8, 4, 4, 4), "down3.bias": (8,), "up3.weight": (4, 8, 3, 3),
              "up_norm3.weight": (4,), "up_norm3.bias": (4,), "up2.weight": (2, 8, 3, 3), "up_norm2.weight": (2,),
              "up_norm2.bias": (2,), "up1.weight": (3, 4, 3, 3), "up1.bias": (3,)}
    options = {"network": "unet", "width": 2, "max_width": 8, "depth": 3, "normalization": "instance", "dropout": 0.5,
               "dropout_levels": 1}
    return write_model(path, options, shapes)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {"instance": write_resnet(folder / "instance.safetensors"),
            "none": write_resnet(folder / "none.safetensors", "none"),
            "grey": write_resnet(folder / "grey.safetensors", channels=(3, 1)),
            "see-through": write_resnet(folder / "through.safetensors", channels=(1, 4)),
            "unet": write_unet(folder / "unet.safetensors")}


def picture(path, height=20, width=30, mode="RGB", seed=1):
    values = numpy.random.default_rng(seed).integers(0, 256, (height, width, len(mode)), "uint8")
    Image.fromarray(values.squeeze(), mode).save(path)
    return path


def pixels(path):
    return numpy.asarray(Image.open(path)).astype(int)


def test_pictures_of_every_kind_become_what_the_model_makes(models, tmp_path):
    inputs = [picture(tmp_path / f"{mode}.png", mode=mode) for mode in ("L", "RGB", "RGBA")]
    inputs.append(picture(tmp_path / "odd.png", 13, 9))
    for model, mode in (("instance", "RGB"), ("grey", "L"), ("see-through", "RGBA")):
        out = tmp_path / model
        assert "4 translated to" in done("translate", models[model], *inputs, "--out", out)
        for name in inputs:
            made, source = Image.open(out / name.name), Image.open(name)
            assert (made.mode, made.size) == (mode, source.size)
    assert pixels(tmp_path / "instance" / "RGB.png").std() > 1
    deep = Image.fromarray((numpy.arange(600).reshape(20, 30) * 100).astype("uint16"))
    deep.save(tmp_path / "deep.png")
    done("translate", models["grey"], tmp_path / "deep.png", "--out", tmp_path / "deep_made.png")
    assert Image.open(tmp_path / "deep_made.png").mode.startswith("I")


def test_tiles_are_the_whole_only_where_nothing_looks_at_the_whole(models, tmp_path):
    picture(tmp_path / "large.png", 150, 200)
    for name, alike in (("none", True), ("instance", False)):
        for how, more in (("whole", ()), ("tiles", ("--tile", 32))):
            done("translate", models[name], tmp_path / "large.png", "--out", tmp_path / f"{how}.png", "--precision", "float32",
                 *more)
        largest = numpy.abs(pixels(tmp_path / "whole.png") - pixels(tmp_path / "tiles.png")).max()
        assert (largest <= 1) == alike, (name, largest)


@pytest.mark.slow
def test_many_translations_follow_from_the_seed(models, tmp_path):
    source = picture(tmp_path / "a.png")
    call = ("translate", models["unet"], source, "--out")
    done(*call, tmp_path / "three", "--count", 3)
    assert sorted(path.name for path in (tmp_path / "three").iterdir()) == ["a_1.png", "a_2.png", "a_3.png"]
    made = [pixels(tmp_path / "three" / f"a_{i}.png") for i in (1, 2, 3)]
    assert not numpy.array_equal(made[0], made[1]) and not numpy.array_equal(made[1], made[2])
    done(*call, tmp_path / "second.png", "--seed", 2)
    assert numpy.array_equal(pixels(tmp_path / "second.png"), made[1])
    for i in (1, 2):
        done(*call, tmp_path / f"still_{i}.png", "--deterministic", "--seed", i)
    assert numpy.array_equal(pixels(tmp_path / "still_1.png"), pixels(tmp_path / "still_2.png"))
    assert "--count: received 2" in refused_in_one_line(*call, tmp_path / "x", "--count", 2, "--deterministic")
    assert "makes one translation" in refused_in_one_line("translate", models["none"], source, "--out", tmp_path / "x",
                                                          "--count", 2)
    assert not (tmp_path / "x").exists()


def test_refuses_in_one_line_and_writes_nothing(models, tmp_path):
    source = picture(tmp_path / "a.png")
    out = tmp_path / "out" / "made.png"

    def refusal(*arguments):
        said = refused_in_one_line("translate", *arguments, "--out", out)
        assert not out.exists()
        return said

    assert "does not go that way, accepted: a2b" in refusal(models["none"], source, "--direction", "b2a")
    assert "missing.png" in refusal(models["none"], tmp_path / "missing.png")
    assert "--tile: received 8" in refusal(models["none"], source, "--tile", 8)
    upscaler = write_model(tmp_path / "x.safetensors", {"network": "compact", "scale": 1, "features": 2, "blocks": 1},
                           {"body.0.weight": (2, 3, 3, 3), "body.0.bias": (2,), "body.1.weight": (2,),
                            "body.2.weight": (2, 2, 3, 3), "body.2.bias": (2,), "body.3.weight": (2,),
                            "body.4.weight": (3, 2, 3, 3), "body.4.bias": (3,)}, kind="upscaler", game="super-resolution")
    assert "does not make images of another kind; it can: upscale" in refusal(upscaler, source)
    said = refused_in_one_line("upscale", models["none"], source, "--out", out)
    assert "does not make images larger; it can: translate" in said
    assert "accepted: PNG, WebP" in refused_in_one_line("translate", models["see-through"], source, "--out",
                                                        tmp_path / "x.jpg")
    assert not (tmp_path / "x.jpg").exists()
    (tmp_path / "broken.png").write_bytes(b"no picture")
    result = run("translate", models["none"], source, tmp_path / "broken.png", "--out", tmp_path / "some")
    assert result.returncode == 3 and "broken.png" in result.stderr
    assert [path.name for path in (tmp_path / "some").iterdir()] == ["a.png"]


def test_info_says_what_the_model_is(models):
    said = done("info", models["unet"])
    assert "unet, width 2, depth 3, instance normalisation, dropout 0.5" in said
    assert "paired-translation" in said
