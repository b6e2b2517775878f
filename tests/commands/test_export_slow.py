"""`forger export` of every recipe and of every imported architecture: ONNX Runtime and OpenVINO give what Forger gives."""
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))
import spandrel_networks as spandrel  # noqa: E402
from cyclegan_networks import with_random_weights as with_random_translator_weights  # noqa: E402
from onnx_models import MOST_DIFFERENCE, checked_export, differences, onnxruntime, session, with_random_weights  # noqa: E402
from program import done, refused_in_one_line  # noqa: E402
from test_import_slow import CASES as UPSCALERS  # noqa: E402
from test_import_translation_slow import CASES as TRANSLATORS  # noqa: E402
from test_import_translation_slow import sizes_of as sizes_of_translator  # noqa: E402
from test_train_label_maps import KINDS, write_pair  # noqa: E402
from test_train_translation import SMALL as SMALL_TRANSLATION  # noqa: E402
from test_upscale import picture  # noqa: E402

RECIPES = sorted(file.stem for file in (Path(__file__).parent.parent.parent / "recipes").glob("*.toml"))
#: What makes a recipe's networks so small that a step takes no time; settings that a recipe has no section for are left out.
SMALL = {"generator": ("width=4", "max_width=16"), "encoder": ("width=4", "max_width=16"),
         "discriminator": ("width=4", "max_width=16"), "pixel_discriminator": ("width=4",), "code_discriminator": ("width=8",),
         "upscaler": ("features=8", "blocks=2"), "translator": ("width=4",)}
SETTINGS = ("training.batch_size=4", "referee.mode=off", "training.tensorboard=false", "training.threads=1", "data.held_out=0.4")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Pictures, pairs and two sides of small pictures."""
    folder = tmp_path_factory.mktemp("data")
    for side in ("pictures", "pairs/A", "pairs/B", "sides/trainA", "sides/trainB"):
        (folder / side).mkdir(parents=True)
        for seed in range(40):
            picture(64, 64, seed=seed).save(folder / side / f"{seed}.png")
    return folder


def settings_of(recipe, size):
    """Of the sections that the recipe writes."""
    text = done("recipes", recipe)
    sections = {line[1:-1] for line in text.splitlines() if line.startswith("[")}
    settings = [f"{section}.{setting}" for section, all_of_them in SMALL.items() if section in sections for setting in all_of_them]
    return [word for setting in (*settings, *SETTINGS, f"data.size=[{size[0]},{size[1]}]") for word in ("--set", setting)]


def trained(recipe, size, data, out):
    """A model of a recipe after two steps, with weights that matter."""
    kind = {"pix2pix": "pairs", "cyclegan": "sides", "cut": "sides"}.get(recipe, "pictures")
    place = "synthetic:ring8" if recipe == "points" else data / kind
    settings = {"pix2pix": ("translator.depth=3", "translator.dropout_levels=1"), "cyclegan": ("translator.blocks=2",),
                "cut": ("translator.blocks=2",)}.get(recipe, ())
    settings = [word for setting in settings for word in ("--set", setting)]
    if recipe == "points":
        settings += ["--set", "generator.width=8", "--set", "discriminator.width=8"]
    else:
        settings += settings_of(recipe, size)
    done("train", place, "--recipe", recipe, "--out", out, "--quiet", "--steps", 2, "--set", "training.warmup_steps=0", *settings)
    return out / "model.safetensors"


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_gives_what_it_gives_here(recipe, data, tmp_path, record_property):
    largest = {}
    for number, size in enumerate(((32, 32), (32, 48))):
        model = trained(recipe, size, data, tmp_path / str(number))
        if recipe != "detect":
            with_random_weights(model)
        said = refused_in_one_line("export", model, "--out", tmp_path / "x.onnx", "--part", "detector") if recipe != "detect" else ""
        parts = said.split("accepted: ")[1].strip().split(", ") if said else ["detector", "generator", "encoder"]
        for part in parts:
            found = differences(part, model, tmp_path, varied=recipe != "detect")
            # Scores are sums of logarithms in float64, which a graph has in float32.
            assert max(found.values()) <= (1e-3 if part == "detector" else MOST_DIFFERENCE), (part, found)
            largest[part] = max(largest.get(part, 0), *found.values())
        if recipe == "points" or parts[0] in ("upscaler", "a2b", "b2a"):
            break  # of any size
    record_property("largest difference", largest)
    print(recipe, {part: f"{value:.1e}" for part, value in largest.items()})


@pytest.mark.parametrize("name", UPSCALERS)
def test_every_imported_upscaler_gives_what_it_gives_here(name, tmp_path):
    make, layout = UPSCALERS[name]
    network = spandrel.with_random_weights(make())
    spandrel.torch.save({"params_ema": layout(network.state_dict())}, tmp_path / "weights.pth")
    largest = differences("upscaler", tmp_path / "weights.pth", tmp_path, sizes=((16, 16), (17, 23), (5, 9)), batches=(1, 2))
    assert max(largest.values()) <= MOST_DIFFERENCE
    print(name, f"{max(largest.values()):.1e}")


@pytest.mark.parametrize("name", [name for name in TRANSLATORS if "9blocks" not in name and "unet_256" not in name])
def test_every_imported_translator_gives_what_it_gives_here(name, tmp_path):
    network = with_random_translator_weights(TRANSLATORS[name]())
    spandrel.torch.save(network.state_dict(), tmp_path / "latest_net_G.pth")
    info = done("info", tmp_path / "latest_net_G.pth")
    part = "b2a" if "b2a" in info else "a2b"
    largest = differences(part, tmp_path / "latest_net_G.pth", tmp_path, sizes=sizes_of_translator(network)[:2], batches=(1, 2))
    assert max(largest.values()) <= MOST_DIFFERENCE
    print(name, f"{max(largest.values()):.1e}")


def test_label_maps_go_in_as_numbers_of_kinds(tmp_path, monkeypatch):
    for seed in range(8):
        write_pair(tmp_path / "pairs", seed, seed)
    done("train", tmp_path / "pairs", *SMALL_TRANSLATION, *KINDS, "--steps", 2, "--out", tmp_path / "run")
    model = tmp_path / "run/model.safetensors"
    assert max(differences("a2b", with_random_weights(model), tmp_path).values()) <= MOST_DIFFERENCE
    file = checked_export(model, tmp_path / "map.onnx")
    numbers = np.asarray(Image.open(tmp_path / "pairs/A/0.png"))
    made, = session(file).run(None, {"images": numbers[None, :, :, None]})
    done("translate", model, tmp_path / "pairs/A/0.png", "--out", tmp_path / "0.png", "--deterministic", "--precision", "float32")
    assert np.abs(made[0].astype(int) - np.asarray(Image.open(tmp_path / "0.png")).reshape(made[0].shape)).max() <= 1
    # The written file is a model of label maps, too.
    monkeypatch.setenv("ONNXRUNTIME_DIR", str(Path(onnxruntime.__file__).parent))
    for options in ((), ("--raw",)):
        file = checked_export(model, tmp_path / "map.onnx", *options)
        done("translate", file, tmp_path / "pairs/A/0.png", "--out", tmp_path / "1.png")
        written, here = (np.asarray(Image.open(tmp_path / name)).astype(int) for name in ("1.png", "0.png"))
        assert np.abs(written - here).max() <= 1
    Image.fromarray(np.full((16, 16), 200, np.uint8)).save(tmp_path / "beyond.png")
    assert "200" in refused_in_one_line("translate", file, tmp_path / "beyond.png", "--out", tmp_path / "2.png")


def test_other_opsets_give_the_same(tmp_path):
    make, layout = UPSCALERS["realplksr x2 layer dysample"]
    spandrel.torch.save(layout(spandrel.with_random_weights(make()).state_dict()), tmp_path / "weights.pth")
    for opset in (17, 18, 19, 20):
        largest = differences("upscaler", tmp_path / "weights.pth", tmp_path, options=("--opset", opset))
        assert max(largest.values()) <= MOST_DIFFERENCE, opset
    message = refused_in_one_line("export", tmp_path / "weights.pth", "--out", tmp_path / "x.onnx", "--opset", 16)
    assert "--opset: received 16, but LayerNormalization" in message
