"""What the runners of Python frameworks share: load the written programs, say how far their numbers are from ours."""

import importlib.util
import json
import pathlib
import sys
import traceback

import numpy as np


def module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def run(framework, predict_and_train):
    """For each folder named: a line with the largest difference, relative to the largest number, and both losses."""
    for name in sys.argv[1:]:
        folder = pathlib.Path(name)
        row = {"framework": framework, "name": folder.name}
        try:
            programs = module(folder / framework / "train.py"), module(folder / framework / "weights.py")
            read = lambda stem: np.load(folder / f"{stem}.npy")
            expected = json.loads((folder / "expected.json").read_text())
            ours, whole = read("expected"), (read("x"), read("y"), expected["batch"])
            theirs, loss = predict_and_train(*programs, str(folder / "weights.npz"), read("eight"), *whole)
            if theirs.shape != ours.shape:
                raise ValueError(f"the output is {theirs.shape}, not {ours.shape}")
            scale = max(float(np.abs(ours).max()), 1e-6)
            row["difference"] = float(np.abs(theirs - ours).max()) / scale
            row["loss"], row["ours"] = float(loss), expected["loss"]
        except Exception as error:
            traceback.print_exc()
            row["error"] = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:300]
        print(json.dumps(row), flush=True)
