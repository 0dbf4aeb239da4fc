"""Runs the written ONNX files in ONNX Runtime, after ONNX's own checker has read them."""

import json
import pathlib
import sys
import traceback

import numpy as np
import onnx
import onnxruntime

for name in sys.argv[1:]:
    folder = pathlib.Path(name)
    row = {"framework": "onnx", "name": folder.name, "predicts": True}
    try:
        path = str(folder / "onnx" / "model.onnx")
        onnx.checker.check_model(path, full_check=True)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        x, ours = np.load(folder / "eight.npy"), np.load(folder / "expected.npy")
        if x.ndim == 4:
            x = x.transpose(0, 3, 1, 2)
        port = session.get_inputs()[0]
        x = x.astype(np.int64 if "int64" in port.type else np.float32)
        theirs = session.run(None, {port.name: x})[0]
        if theirs.ndim == 4:
            theirs = theirs.transpose(0, 2, 3, 1)
        if theirs.shape != ours.shape:
            raise ValueError(f"the output is {theirs.shape}, not {ours.shape}")
        row["difference"] = float(np.abs(theirs - ours).max()) / max(float(np.abs(ours).max()), 1e-6)
    except Exception as error:
        traceback.print_exc()
        row["error"] = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:300]
    print(json.dumps(row), flush=True)
