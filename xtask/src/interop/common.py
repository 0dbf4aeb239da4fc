"""What the runners of Python frameworks share: load the written programs, say how far their numbers are from ours."""

import contextlib
import importlib.util
import io
import json
import os
import pathlib
import shutil
import sys
import tempfile
import traceback

import numpy as np


def module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def whole(train, folder):
    """Runs a program from its data to its saved model: one epoch, a third of the samples for testing."""
    train.EPOCHS, train.TRAIN = 1, len(np.load(folder / "x.npy")) * 2 // 3
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as place, contextlib.redirect_stdout(io.StringIO()):
        for name in ("x.npy", "y.npy"):
            shutil.copy(folder / name, place)
        os.chdir(place)
        try:
            train.main()
        finally:
            os.chdir(here)


def run(framework, predict_and_train):
    """For each folder named: a line with the largest difference, relative to the largest number, and both losses. Where these
    are far apart, also those of the first batches: some networks learn what rounding makes of them."""
    for name in sys.argv[1:]:
        folder = pathlib.Path(name)
        row = {"framework": framework, "name": folder.name}
        try:
            programs = module(folder / framework / "train.py"), module(folder / framework / "weights.py")
            read = lambda stem: np.load(folder / f"{stem}.npy")
            expected = json.loads((folder / "expected.json").read_text())
            ours, epoch = read("expected"), (read("x"), read("y"), expected["batch"])
            theirs, loss = predict_and_train(*programs, str(folder / "weights.npz"), read("eight"), *epoch)
            if theirs.shape != ours.shape:
                raise ValueError(f"the output is {theirs.shape}, not {ours.shape}")
            scale = max(float(np.abs(ours).max()), 1e-6)
            row["difference"] = float(np.abs(theirs - ours).max()) / scale
            if folder.name.startswith("random-"):
                whole(programs[0], folder.resolve())
            row["loss"], row["ours"] = float(loss), expected["loss"]
            if abs(row["loss"] - row["ours"]) > 0.01 * abs(row["ours"]):
                count, batch = 8, expected["batch"]
                first = predict_and_train(
                    *programs, str(folder / "weights.npz"), read("eight"), *(all[: count * batch] for all in epoch[:2]), batch
                )
                row["start"], row["our-start"] = float(first[1]), float(np.mean(expected["losses"][:count]))
        except Exception as error:
            traceback.print_exc()
            row["error"] = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:300]
        print(json.dumps(row), flush=True)
