"""Writes networks as ONNX files in the ways of other exporters, with what ONNX Runtime answers: `python make_onnx.py OUT`.

OUT/<name>/model.onnx, x.npy and y.npy, pictures channels first as in the files.
"""

import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(7)


class Net:
    """A graph that grows, node by node."""

    def __init__(self, name, shape, opset, kind=TensorProto.FLOAT):
        self.name, self.opset, self.nodes, self.arrays = name, opset, [], []
        self.shape, self.kind, self.count = shape, kind, 0

    def array(self, value, name=None):
        self.count += 1
        name = name or f"onnx::Array_{self.count}"
        self.arrays.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def weight(self, name, *shape):
        return self.array(random.normal(0, 0.3, shape).astype(np.float32), name)

    def node(self, op, *inputs, outputs=1, **attributes):
        self.count += 1
        names = [f"/{op.lower()}/{op}_output_{self.count}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, names, name=f"/{op.lower()}_{self.count}/{op}", **attributes))
        return names[0] if outputs == 1 else names

    def constant(self, value):
        return self.node("Constant", value=numpy_helper.from_array(np.asarray(value)))

    def write(self, out, result, rank=2):
        self.nodes.append(helper.make_node("Identity", [result], ["output"]))
        x = helper.make_tensor_value_info("input", self.kind, ["batch", *self.shape])
        y = helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", *"abc"[: rank - 1]])
        graph = helper.make_graph(self.nodes, "main_graph", [x], [y], self.arrays)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], producer_name="pytorch")
        model.ir_version = 8
        onnx.checker.check_model(model)
        folder = pathlib.Path(out) / self.name
        folder.mkdir(parents=True, exist_ok=True)
        onnx.save(model, folder / "model.onnx")
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
        if self.kind == TensorProto.INT64:
            data = random.integers(0, 9, (3, *self.shape))
        else:
            data = random.normal(0, 1, (3, *self.shape)).astype(np.float32)
        np.save(folder / "x.npy", data.astype(np.float32))
        np.save(folder / "y.npy", session.run(None, {"input": data})[0])


def linear(net, x, name, fan_in, units):
    return net.node("Gemm", x, net.weight(f"{name}.weight", units, fan_in), net.weight(f"{name}.bias", units), transB=1)


def conv(net, x, name, out, part, side, **attributes):
    w, b = net.weight(f"{name}.weight", out, part, side, side), net.weight(f"{name}.bias", out)
    return net.node("Conv", x, w, b, kernel_shape=[side, side], **attributes)


def norm(net, x, name, count):
    rows = [net.weight(f"{name}.{part}", count) for part in ("weight", "bias", "running_mean")]
    variance = net.array(random.uniform(0.5, 1.5, count).astype(np.float32), f"{name}.running_var")
    return net.node("BatchNormalization", x, *rows, variance, epsilon=1e-5, momentum=0.9)


def torch_cnn(out, opset):
    net = Net(f"torch-cnn-{opset}", [3, 16, 16], opset)
    x = conv(net, "input", "features.0", 8, 3, 3, pads=[1, 1, 1, 1], strides=[1, 1], group=1, dilations=[1, 1])
    x = net.node("MaxPool", net.node("Relu", norm(net, x, "features.1", 8)), kernel_shape=[2, 2], strides=[2, 2])
    x = conv(net, x, "features.4", 8, 1, 3, pads=[1, 1, 1, 1], strides=[2, 2], group=8)
    x = conv(net, net.node("Relu", x), "features.6", 12, 8, 1)
    x = net.node("Flatten", net.node("Relu", x), axis=1)
    x = net.node("Relu", linear(net, x, "classifier.0", 12 * 16, 20))
    net.write(out, linear(net, x, "classifier.2", 20, 5))


def torch_view(out):
    net = Net("torch-view", [2, 6, 6], 13)
    x = net.node("AveragePool", conv(net, "input", "conv", 4, 2, 3), kernel_shape=[2, 2], strides=[2, 2])
    batch = net.node("Gather", net.node("Shape", x), net.constant(np.int64(0)), axis=0)
    batch = net.node("Unsqueeze", batch, net.constant(np.array([0])))
    shape = net.node("Concat", batch, net.constant(np.array([-1])), axis=0)
    net.write(out, linear(net, net.node("Reshape", x, shape), "fc", 16, 3))


def torch_residual(out):
    net = Net("torch-residual", [3, 8, 8], 11)
    stem = net.node("Relu", conv(net, "input", "conv1", 6, 3, 7, pads=[3, 3, 3, 3], strides=[2, 2]))
    x = conv(net, net.node("Relu", conv(net, stem, "l.0", 6, 6, 3, pads=[1] * 4)), "l.1", 6, 6, 3, pads=[1] * 4)
    x = net.node("GlobalAveragePool", net.node("Relu", net.node("Add", x, stem)))
    net.write(out, linear(net, net.node("Flatten", x), "fc", 6, 4))


def torch_lstm(out):
    net = Net("torch-lstm", [5, 3], 14)
    x = net.node("Transpose", "input", perm=[1, 0, 2])
    batch = net.node("Slice", net.node("Shape", x), *(net.constant(np.array([i])) for i in (1, 2, 0)))
    size = net.node("Concat", net.constant(np.array([1])), batch, net.constant(np.array([4])), axis=0)
    zero = net.node("Expand", net.constant(np.zeros((1, 1, 1), np.float32)), size)
    weights = [net.weight(f"onnx::LSTM_{i}", 1, *shape) for i, shape in enumerate([(16, 3), (16, 4), (32,)])]
    _, last, _ = net.node("LSTM", x, *weights, "", zero, zero, outputs=3, hidden_size=4)
    net.write(out, linear(net, net.node("Squeeze", last, net.constant(np.array([0]))), "fc", 4, 2))


def torch_words(out):
    net = Net("torch-words", [6], 17, TensorProto.INT64)
    x = net.node("Gather", net.weight("embed.weight", 9, 8), "input")
    x = net.node("LayerNormalization", x, net.weight("ln.weight", 8), net.weight("ln.bias", 8), axis=-1, epsilon=1e-5)
    x = net.node("Add", net.weight("up.bias", 10), net.node("MatMul", x, net.weight("onnx::MatMul_7", 8, 10)))
    erf = net.node("Erf", net.node("Div", x, net.constant(np.float32(np.sqrt(2)))))
    x = net.node("Mul", x, net.node("Add", erf, net.constant(np.float32(1))))
    x = net.node("Flatten", net.node("Mul", x, net.constant(np.float32(0.5))))
    net.write(out, linear(net, x, "fc", 60, 3))


def torch_decoder(out):
    net = Net("torch-decoder", [4], 17)
    x = net.node("Relu", linear(net, "input", "fc", 4, 6 * 3 * 3))
    x = net.node("Reshape", x, net.constant(np.array([-1, 6, 3, 3])))
    x = net.node("ConvTranspose", x, net.weight("up.weight", 6, 4, 4, 4), kernel_shape=[4, 4], pads=[1] * 4, strides=[2, 2])
    x = net.node("Resize", net.node("Relu", x), "", net.array(np.array([1, 1, 2, 2], np.float32)), mode="linear",
                 coordinate_transformation_mode="half_pixel")
    net.write(out, net.node("Sigmoid", conv(net, net.node("Tanh", x), "out", 1, 4, 3, pads=[1] * 4)), rank=4)


def tf_keras(out):
    net = Net("tf2onnx-keras", [12, 12, 3], 15)
    x = net.node("Transpose", "input", perm=[0, 3, 1, 2])
    x = net.node("Conv", x, net.weight("model/conv2d/Conv2D/ReadVariableOp:0", 6, 3, 3, 3), auto_pad="SAME_UPPER",
                 strides=[2, 2])
    x = net.node("Add", x, net.weight("const_fold_opt__7", 1, 6, 1, 1))
    x = net.node("MaxPool", net.node("Relu", x), kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")
    x = net.node("Transpose", x, perm=[0, 2, 3, 1])
    x = net.node("Reshape", x, net.array(np.array([-1, 54])))
    x = net.node("Add", net.node("MatMul", x, net.weight("dense/MatMul/ReadVariableOp:0", 54, 8)), net.weight("b1", 8))
    x = net.node("Elu", x, alpha=1.0)
    x = net.node("MatMul", x, net.weight("dense_1/MatMul/ReadVariableOp:0", 8, 3))
    net.write(out, net.node("Add", x, net.weight("b2", 3)))


for opset in (7, 9, 11, 13, 17, 21):
    torch_cnn(sys.argv[1], opset)
for make in (torch_view, torch_residual, torch_lstm, torch_words, torch_decoder, tf_keras):
    make(sys.argv[1])
