"""Writes models as Keras itself saves them, with inputs and what Keras answers: FOLDER/NAME/{model.*, x.npy, y.npy}."""

import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import keras
import numpy as np
from keras import layers as L

# Keras 2 has another name for it.
SLOPE = "negative_slope" if keras.__version__ >= "3" else "alpha"


def picture(*rows, size=(12, 10, 3)):
    return keras.Sequential([keras.Input(size), *rows])


def residual():
    inputs = keras.Input((12, 10, 3))
    x = L.Conv2D(4, 3, padding="same", use_bias=False, name="stem")(inputs)
    short = L.Conv2D(6, 1, strides=2, padding="same")(x)
    x = L.ReLU()(L.BatchNormalization()(x))
    x = L.Conv2D(6, 3, strides=2, padding="same", activation="swish")(x)
    x = L.BatchNormalization(scale=False)(x)
    x = L.Add(name="join")([short, x])
    x = L.Concatenate()([L.GlobalAveragePooling2D()(x), L.GlobalMaxPooling2D()(x)])
    return keras.Model(inputs, L.Dense(3)(x))


def transformer():
    inputs = keras.Input((7, 8))
    x = inputs + L.MultiHeadAttention(2, 4)(inputs, inputs, use_causal_mask=True)
    x = L.LayerNormalization()(x)
    y = L.TimeDistributed(L.Dense(16, activation="gelu"))(x)
    x = L.LayerNormalization()(L.add([x, L.Dense(8)(y)]))
    return keras.Model(inputs, L.Dense(2)(L.Flatten()(x)))


def inner():
    base = keras.Sequential([L.Conv2D(4, 3, activation="relu"), L.BatchNormalization()], name="base")
    head = keras.Sequential([L.Flatten(), L.Dense(5, activation="tanh"), L.Dense(2)], name="head")
    inputs = keras.Input((8, 8, 2))
    return keras.Model(inputs, head(L.MaxPooling2D()(base(inputs))))


MODELS = {
    "cnn": lambda: picture(
        L.Rescaling(1.0),
        L.Conv2D(8, 3, activation="relu"),
        L.MaxPooling2D(),
        L.Conv2D(4, (1, 3), padding="same", dilation_rate=(1, 2), activation="elu"),
        L.AveragePooling2D(2, padding="same"),
        L.Dropout(0.3),
        L.Flatten(),
        L.Dense(16, activation="softplus"),
        L.Dense(3, activation="softmax"),
    ),
    "depthwise": lambda: picture(
        L.ZeroPadding2D(((0, 1), (0, 1))),
        L.Conv2D(4, 3, strides=2),
        L.DepthwiseConv2D(3, padding="same", depth_multiplier=2, activation="tanh"),
        L.SeparableConv2D(6, 3, padding="same"),
        L.LeakyReLU(**{SLOPE: 0.01}),
        L.Conv2D(6, 3, padding="same", groups=2),
        L.GlobalAveragePooling2D(),
        L.Dense(2),
    ),
    "upwards": lambda: picture(
        L.Conv2DTranspose(4, 3, strides=2, padding="same", activation="sigmoid"),
        L.UpSampling2D(2, interpolation="bilinear"),
        L.Conv2DTranspose(2, 4, strides=(2, 1)),
        L.Flatten(),
        L.Dense(2),
    ),
    "recurrent": lambda: keras.Sequential(
        [
            keras.Input((6,)),
            L.Embedding(9, 5),
            L.LSTM(6, return_sequences=True),
            L.GRU(5, return_sequences=True, use_bias=False),
            L.SimpleRNN(4),
            L.Dense(1, activation="sigmoid"),
        ]
    ),
    "reshaped": lambda: picture(
        L.RandomFlip("horizontal"),
        L.Conv2D(4, 3),
        L.GaussianNoise(0.1),
        L.Reshape((-1, 4)),
        L.Dense(3, activation="relu"),
        L.Flatten(),
        L.Dense(2, use_bias=False),
    ),
    "residual": residual,
    "transformer": transformer,
    "inner": inner,
}

def other(random, w):
    """An array unlike what a layer starts with, and small enough that nothing saturates."""
    if w.ndim < 2:
        return random.uniform(0.1, 0.6, w.shape)
    return random.uniform(-1.5, 1.5, w.shape) / max(1, np.prod(w.shape[:-1])) ** 0.5


folder = pathlib.Path(sys.argv[1])
for name, make in MODELS.items():
    keras.utils.set_random_seed(7)
    model = make()
    random = np.random.default_rng(7)
    model.set_weights([other(random, w) for w in model.get_weights()])
    shape = (4, *model.input_shape[1:])
    x = random.integers(0, 9, shape) if name == "recurrent" else random.uniform(0, 1, shape)
    y = model.predict(x.astype("float32"), verbose=0)
    for ending in ("keras", "h5"):
        own = folder / f"{name}-{ending}"
        own.mkdir(parents=True, exist_ok=True)
        model.save(own / f"model.{ending}")
        np.save(own / "x.npy", x.astype("float32"))
        np.save(own / "y.npy", y)
