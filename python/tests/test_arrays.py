"""Arrays cross without being copied, whoever made them; what does not fit is one clear line."""
import gc
import weakref

import numpy
import pytest
import torch

import forger


def test_what_comes_back_is_shared_by_dlpack(run):
    images = forger.load(run).sample(2)
    gc.collect()  # the model is gone, its images are not
    seen = numpy.from_dlpack(images)
    again = torch.from_dlpack(images)
    assert seen.ctypes.data == images.data_ptr() == again.data_ptr()
    again[0] = 0.25
    assert (seen[0] == 0.25).all()


def test_an_array_goes_in_as_it_lies(upscaler):
    model = forger.load(upscaler)
    rows = numpy.random.default_rng(1).integers(0, 256, (12, 15, 3), "uint8")
    expected = model.upscale(numpy.ascontiguousarray(rows.transpose(2, 0, 1)))
    fixed = rows.copy()
    fixed.setflags(write=False)
    for array in (rows.transpose(2, 0, 1), fixed.transpose(2, 0, 1), torch.from_numpy(rows).permute(2, 0, 1)):
        assert torch.equal(model.upscale(array), expected)
    turned = numpy.ascontiguousarray(rows[::-1, :, ::-1])  # rows upside down, BGR
    assert torch.equal(model.upscale(turned[::-1, :, ::-1].transpose(2, 0, 1)), expected)


def test_an_array_is_let_go(upscaler):
    model = forger.load(upscaler)
    pixels = torch.zeros(3, 8, 8, dtype=torch.uint8)
    watched = weakref.ref(pixels)
    model.upscale(pixels)
    del pixels
    gc.collect()
    assert watched() is None


def one_line(call):
    with pytest.raises(forger.Error) as caught:
        call()
    message = str(caught.value)
    assert message and "\n" not in message
    return message


def test_what_does_not_fit_is_one_line(run, upscaler, inspection, tmp_path):
    model, detector = forger.load(run), forger.load(inspection)
    assert "no encoder" in one_line(lambda: model.encode(numpy.zeros((1, model.info.channels, 16, 16), "float32")))
    assert "[1, 3, 8, 8]" in one_line(lambda: detector.detect(numpy.zeros((1, 3, 8, 8), "float32")))
    assert "x / 127.5 - 1" in one_line(lambda: detector.detect(numpy.zeros((1, 3, 16, 16), "uint8")))
    assert "64 bits" in one_line(lambda: detector.detect(numpy.zeros((1, 3, 16, 16), "complex64")))
    assert "uint8" in one_line(lambda: forger.load(upscaler).upscale(numpy.zeros((3, 8, 8), "float32")))
    assert "class" in one_line(lambda: model.sample(4, class_number=3))
    assert "such.safetensors" in one_line(lambda: forger.load(tmp_path / "no\nsuch.safetensors"))
    assert str(tmp_path) in one_line(lambda: forger.judge(tmp_path))
    assert "did you mean" in one_line(lambda: forger.train("synthetic:shapes", tmp_path / "run", recipe="dcgna"))
    bad = {"generator.widht": 3}
    assert "generator.width" in one_line(lambda: forger.train("synthetic:shapes", tmp_path / "run", settings=bad))
    assert not (tmp_path / "run").exists()


def test_what_is_no_array_is_a_type_error(upscaler):
    with pytest.raises(TypeError):
        forger.load(upscaler).upscale("picture.png")
