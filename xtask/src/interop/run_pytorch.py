"""Runs the written PyTorch programs."""

import common
import torch
from torch.utils.data import DataLoader, TensorDataset


def one(train, weights, path, eight, x, y, batch):
    train.DEVICE = "cpu"
    model = train.Network()
    weights.load(model, path)
    model.eval()
    with torch.no_grad():
        predictions = model(torch.from_numpy(eight)).numpy()
    y = torch.from_numpy(y)
    y = y if y.is_floating_point() else y.long()
    loader = DataLoader(TensorDataset(torch.from_numpy(x), y), batch, drop_last=True)
    return predictions, train.train_epoch(model, loader, *train.prepare(model))


torch.set_num_threads(1)
common.run("pytorch", one)
