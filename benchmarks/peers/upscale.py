"""upscale.py FRAMEWORK WEIGHTS.pth IN.npz OUT.npz PASSES: the same as upscale_network, by spandrel's network in PyTorch
(eager, float32), ONNX Runtime or OpenVINO. Ends with 3 where the framework is not installed."""
import importlib.util
import pathlib
import sys
import time

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "tests/support"))
framework, weights, source, out, passes = sys.argv[1:]
if framework != "pytorch" and importlib.util.find_spec(framework.split("-")[0]) is None:
    sys.exit(3)

from spandrel_networks import torch  # noqa: E402
import spandrel  # noqa: E402

network = spandrel.ModelLoader(device="cpu").load_from_file(weights).model.eval()
images = np.load(source)["images"] / 2 + 0.5


def prepared():
    """What takes images and gives larger ones."""
    if framework == "pytorch":
        image = torch.from_numpy(images)
        return lambda: network(image).numpy()
    if framework == "onnxruntime":
        import onnxruntime
        path = out + ".onnx"
        torch.onnx.export(network, (torch.from_numpy(images),), path, input_names=["images"], dynamo=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return lambda: session.run(None, {"images": images})[0]
    import openvino
    converted = openvino.convert_model(network, example_input=torch.from_numpy(images), input=list(images.shape))
    hint = {"openvino-f32": "f32", "openvino-bf16": "bf16"}[framework]
    compiled = openvino.compile_model(converted, "CPU", {"INFERENCE_PRECISION_HINT": hint,
                                                         "INFERENCE_NUM_THREADS": torch.get_num_threads()})
    return lambda: compiled(images)[0]


with torch.no_grad():
    run = prepared()
    for _ in range(int(passes)):
        start, processor = time.perf_counter(), time.process_time()
        made = run()
        print(f"{time.perf_counter() - start:.4f} {time.process_time() - processor:.4f}", flush=True)
np.savez(out, images=made * 2 - 1)
