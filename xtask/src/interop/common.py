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


def rounded(path, seed, place):
    """The weights, each changed by about its last bit, in another file."""
    random = np.random.default_rng(seed)
    weights = {name: value * (1 + 1e-7 * random.standard_normal(value.shape)) for name, value in np.load(path).items()}
    np.savez(pathlib.Path(place) / "rounded.npz", **{name: value.astype(np.float32) for name, value in weights.items()})
    return str(pathlib.Path(place) / "rounded.npz")


def run(framework, predict_and_train):
    """For each folder named: a line with the largest difference, relative to the largest number, and both losses. Where these
    are far apart, also those of weights that differ in the last bit: some networks learn what rounding makes of it."""
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
                with tempfile.TemporaryDirectory() as place:
                    again = lambda seed: predict_and_train(
                        *programs, rounded(folder / "weights.npz", seed, place), read("eight"), *epoch
                    )
                    row["again"] = [float(again(seed)[1]) for seed in range(5)]
        except Exception as error:
            traceback.print_exc()
            row["error"] = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:300]
        print(json.dumps(row), flush=True)
