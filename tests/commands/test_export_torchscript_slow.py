"""`forger export --out FILE.pt` of every recipe and of every imported architecture: PyTorch gives what Forger gives."""
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))
from onnx_models import with_random_weights  # noqa: E402
from program import done, refused_in_one_line  # noqa: E402
from test_export_slow import RECIPES, TRANSLATORS, UPSCALERS, data, sizes_of_translator, spandrel, trained  # noqa: E402, F401
from test_export_slow import with_random_translator_weights  # noqa: E402
from torchscript_models import MOST_DEEP_DIFFERENCE, MOST_R3GAN_DIFFERENCE, MOST_SCRIPT_DIFFERENCE, script_differences  # noqa: E402


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_gives_what_it_gives_here(recipe, data, tmp_path):  # noqa: F811
    model = trained(recipe, (32, 48), data, tmp_path / "run")
    if recipe != "detect":
        with_random_weights(model)
    said = refused_in_one_line("export", model, "--out", tmp_path / "x.pt", "--part", "detector") if recipe != "detect" else ""
    for part in said.split("accepted: ")[1].strip().split(", ") if said else ["detector", "generator", "encoder"]:
        largest = script_differences(part, model, tmp_path, varied=recipe != "detect")
        print(recipe, part, {name: f"{value:.1e}" for name, value in largest.items()})
        most = 1e-3 if part == "detector" else MOST_R3GAN_DIFFERENCE if recipe == "r3gan" else MOST_SCRIPT_DIFFERENCE
        assert max(largest.values()) <= most, (part, largest)
        done("export", model, "--out", tmp_path / "x.pt", "--part", part, "--verify")


#: One scale of each kind: the graph is the one that test_export_slow.py writes at all scales.
ONCE = [name for name in UPSCALERS if not re.search(r"x[1348]\b", name) or "none" in name]


@pytest.mark.parametrize("name", ONCE)
def test_every_imported_upscaler_gives_what_it_gives_here(name, tmp_path):
    make, layout = UPSCALERS[name]
    spandrel.torch.save({"params_ema": layout(spandrel.with_random_weights(make()).state_dict())}, tmp_path / "weights.pth")
    largest = script_differences("upscaler", tmp_path / "weights.pth", tmp_path, sizes=((16, 16), (17, 23)), batches=(1, 2))
    print(name, f"{max(largest.values()):.1e}")
    assert max(largest.values()) <= MOST_DEEP_DIFFERENCE


@pytest.mark.parametrize("name", [name for name in TRANSLATORS if "9blocks" not in name and "unet_256" not in name])
def test_every_imported_translator_gives_what_it_gives_here(name, tmp_path):
    network = with_random_translator_weights(TRANSLATORS[name]())
    spandrel.torch.save(network.state_dict(), tmp_path / "latest_net_G.pth")
    part = "b2a" if "b2a" in done("info", tmp_path / "latest_net_G.pth") else "a2b"
    largest = script_differences(part, tmp_path / "latest_net_G.pth", tmp_path, sizes=sizes_of_translator(network)[:2],
                                 batches=(1, 2))
    print(name, f"{max(largest.values()):.1e}")
    assert max(largest.values()) <= MOST_SCRIPT_DIFFERENCE
