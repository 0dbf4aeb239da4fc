"""Runs the written TensorFlow programs."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import common
import tensorflow as tf


def one(train, weights, path, eight, x, y, batch):
    model = train.build_model()
    weights.load(model, path)
    predictions = model(eight, training=False).numpy()
    dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(batch, drop_remainder=True)
    return predictions, train.train_epoch(model, dataset, train.prepare(model))


common.run("tensorflow", one)
