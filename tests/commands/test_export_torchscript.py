"""`forger export MODEL --out FILE.pt`: PyTorch loads the file, which gives what Forger gives."""
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))
from program import done, run  # noqa: E402
from test_export import detector, stripes, upscaler  # noqa: E402, F401
from torchscript_models import MOST_SCRIPT_DIFFERENCE, loaded, script_differences, torch  # noqa: E402


def test_an_upscaler_gives_what_it_gives_here(upscaler, tmp_path):  # noqa: F811
    assert max(script_differences("upscaler", upscaler, tmp_path).values()) <= MOST_SCRIPT_DIFFERENCE


def test_pictures_go_in_and_pictures_come_out(upscaler, tmp_path):  # noqa: F811
    Image.fromarray(np.random.default_rng(2).integers(0, 256, (15, 21, 3), "uint8")).save(tmp_path / "small.png")
    result = run("export", upscaler, "--out", tmp_path / "up.pt", "--verify")
    assert result.returncode == 0 and "TorchScript in LibTorch" in result.stdout, result.stdout + result.stderr
    assert result.stderr.startswith("note: ") and result.stderr.count("\n") == 1
    module, said = loaded(tmp_path / "up.pt")
    assert said["part"] == "upscaler" and said["scale"] == "2"
    assert "body.0.weight" in module.state_dict()
    made = module(torch.from_numpy(np.asarray(Image.open(tmp_path / "small.png"))[None].copy()))
    done("upscale", upscaler, tmp_path / "small.png", "--out", tmp_path / "large.png", "--precision", "float32")
    assert made.dtype == torch.uint8 and (made[0].numpy() == np.asarray(Image.open(tmp_path / "large.png"))).mean() > 0.999


@pytest.mark.slow
def test_every_part_gives_what_it_gives_here(detector, tmp_path):  # noqa: F811
    for part in ("generator", "encoder", "detector"):
        largest = script_differences(part, detector, tmp_path, varied=False)
        # Scores are sums of logarithms in float64, which a file has in float32.
        assert max(largest.values()) <= (1e-3 if part == "detector" else MOST_SCRIPT_DIFFERENCE), (part, largest)
        done("export", detector, "--out", tmp_path / "x.pt", "--part", part, "--verify")


def test_a_truncation_is_a_number_that_may_be_left_out(detector, tmp_path):  # noqa: F811
    done("export", detector, "--out", tmp_path / "generator.pt", "--part", "generator")
    module, _ = loaded(tmp_path / "generator.pt")
    latent = torch.from_numpy(np.random.default_rng(1).normal(size=(4, 64)).astype("float32"))
    assert (module(latent, 0.5) == module(latent.clip(-0.5, 0.5))).all()
    assert not (module(latent, 0.5) == module(latent)).all()
