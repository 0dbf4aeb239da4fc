"""Runs the written Keras programs, on JAX."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import common


def one(train, weights, path, eight, x, y, batch):
    model = train.build_model()
    weights.load(model, path)
    predictions = model.predict(eight, verbose=0)
    train.compile_model(model)
    history = model.fit(x, y, batch_size=batch, epochs=1, shuffle=False, verbose=0)
    return predictions, history.history["loss"][0]


common.run("keras", one)
