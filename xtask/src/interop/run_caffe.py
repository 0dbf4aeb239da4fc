"""Reads the written Caffe files with OpenCV's importer; what Caffe cannot express is refused by the exporter."""

import json
import pathlib
import sys
import traceback

import cv2
import numpy as np

for name in sys.argv[1:]:
    folder = pathlib.Path(name)
    row = {"framework": "caffe", "name": folder.name, "predicts": True}
    own = folder / "caffe"
    try:
        if (own / "refused.txt").exists():
            row["refused"] = (own / "refused.txt").read_text()
        else:
            net = cv2.dnn.readNetFromCaffe(str(own / "deploy.prototxt"), str(own / "model.caffemodel"))
            x, ours = np.load(folder / "eight.npy"), np.load(folder / "expected.npy")
            x = x.transpose(0, 3, 1, 2) if x.ndim == 4 else x
            net.setInput(np.ascontiguousarray(x, np.float32))
            theirs = net.forward()
            theirs = theirs.transpose(0, 2, 3, 1) if theirs.ndim == 4 else theirs
            if theirs.shape != ours.shape:
                raise ValueError(f"the output is {theirs.shape}, not {ours.shape}")
            row["difference"] = float(np.abs(theirs - ours).max()) / max(float(np.abs(ours).max()), 1e-6)
    except Exception as error:
        traceback.print_exc()
        row["error"] = f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]
    print(json.dumps(row), flush=True)
