"""Runs the programs that lie beside written Keras files, on JAX or as Keras 2: this file's own name, without `run_`, says
which."""

import contextlib
import io
import json
import os
import pathlib
import sys
import traceback

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import numpy as np

FORMAT = pathlib.Path(__file__).stem.removeprefix("run_").replace("_", "-")
if FORMAT == "keras-2":
    import tensorflow as tf

    # It takes a sum behind a normalisation for the normalisation's offset, and fails.
    tf.config.optimizer.set_experimental_options({"remapping": False})
FOLDER = {"keras-file": "keras", "keras-2": "keras-h5"}.get(FORMAT, FORMAT)


def answers(folder):
    """Runs load.py there, as somebody would who has unpacked the zip; gives what it answered and what it expected."""
    here, names = os.getcwd(), {}
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(pathlib.Path("load.py").read_text(), "load.py", "exec"), names)
    except SystemExit as end:
        if end.code:
            print(f"{folder}: load.py says that the answers differ", file=sys.stderr)
    finally:
        os.chdir(here)
    return names["answers"], names["expected"]


for name in sys.argv[1:]:
    folder = pathlib.Path(name)
    row = {"framework": FORMAT, "name": folder.name, "predicts": True}
    try:
        theirs, ours = answers(folder / FOLDER)
        if theirs.shape != ours.shape:
            raise ValueError(f"the output is {theirs.shape}, not {ours.shape}")
        row["difference"] = float(np.abs(theirs - ours).max()) / max(float(np.abs(ours).max()), 1e-6)
    except Exception as error:
        traceback.print_exc()
        row["error"] = f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]
    print(json.dumps(row), flush=True)
