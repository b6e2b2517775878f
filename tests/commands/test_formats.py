"""What Forger writes, read by other programs: safetensors by the format's description, .npz by NumPy, event files by
TensorBoard's own reader. The C++ tests write the files into TEST_TMPDIR."""
import json
import os
import pathlib
import struct
import subprocess

import numpy as np
import pytest

BUILD = pathlib.Path(os.environ["FORGER_BUILD"])
SOURCE = pathlib.Path(os.environ["FORGER_SOURCE"])


def written_by(test_program, test, folder):
    done = subprocess.run([BUILD / "tests" / test_program, f"--gtest_filter={test}"],
                          env={**os.environ, "TEST_TMPDIR": f"{folder}/"}, capture_output=True, text=True)
    assert done.returncode == 0 and "[  PASSED  ] 1 test" in done.stdout, done.stdout + done.stderr
    return folder


def parse_safetensors(path):
    """Names, dtypes, shapes and bytes, and the metadata, by the format's description."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    metadata = header.pop("__metadata__", {})
    data = content[8 + length:]
    tensors = {name: (entry["dtype"], entry["shape"], data[slice(*entry["data_offsets"])])
               for name, entry in header.items()}
    return tensors, metadata


def test_safetensors_that_forger_wrote_hold_what_python_wrote(tmp_path):
    folder = written_by("model_test", "SafetensorsTest.GoldenFileSurvivesWritingAndReading", tmp_path)
    golden = parse_safetensors(SOURCE / "tests/model/golden/golden.safetensors")
    assert parse_safetensors(folder / "written.safetensors") == golden


def test_numpy_reads_the_npz(tmp_path):
    folder = written_by("core_test", "NpzTest.EveryDtypeAndLayoutIsWritten", tmp_path)
    with np.load(folder / "written.npz", allow_pickle=False) as arrays:
        assert sorted(arrays) == ["double", "empty", "float", "images", "labels", "scalar"]
        numbers = np.arange(24).reshape(1, 2, 3, 4)
        for name, expected in {
            "images": numbers.transpose(0, 2, 3, 1).astype(np.uint8),
            "labels": np.array([-1, 5]),
            "float": numbers.astype(np.float32),
            "double": np.array([0.1, -2.5]),
            "scalar": np.array(7, np.float32),
            "empty": np.empty((0, 3), np.float32),
        }.items():
            assert arrays[name].dtype == expected.dtype, name
            np.testing.assert_array_equal(arrays[name], expected)


@pytest.fixture
def events(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = written_by("run_test", "TensorBoardTest.AResumedRunIsWrittenForTensorBoard", tmp_path)
    accumulator = EventAccumulator(str(folder / "tensorboard"), size_guidance={"scalars": 0, "images": 0})
    accumulator.Reload()
    return accumulator


def test_tensorboard_reads_scalars_and_drops_those_that_the_resumed_run_replaced(events):
    assert [(event.step, event.value) for event in events.Scalars("loss/generator")] == [(1, 0.25), (2, 0.5), (3, 10.0)]


def test_tensorboard_reads_images(events):
    (image,) = events.Images("samples")
    assert (image.step, image.height, image.width) == (3, 2, 3)
    assert image.encoded_image_string == (SOURCE / "tests/run/golden/two_by_three.png").read_bytes()
