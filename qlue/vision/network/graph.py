"""A TensorFlow.js graph of NanoDet made into ONNX, with numpy and onnx alone.

The graph swaps between NHWC and NCHW around every convolution. We keep every tensor as NCHW and only remember which
order its readers believe in, so all those transposes vanish; pads move into the convolutions, biases too. The tail
that reshapes for 416 x 416 is left out, and of the 80 classes only those that the city counts are kept, so that the
network takes any multiple of 32 as its size and wastes nothing on zebras and hot dogs. The first convolution reads the
picture's bytes as they are.
"""

import base64
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from qlue.vision.sources.letterbox import GREY

Array = npt.NDArray[Any]
SIDE = 416
BINS = 44  # four sides x 11 distances
KEPT = (0, 1, 2, 3, 5, 7)  # COCO's person, bicycle, car, motorcycle, bus, truck
COCO = 80
MEAN, DEVIATION = (103.53, 116.28, 123.675), (57.375, 57.12, 58.395)  # of blue, green, red
PLANES = "image/planes"
OPSET = 17
NHWC_TO_NCHW, NCHW_TO_NHWC = [0, 3, 1, 2], [0, 2, 3, 1]


@dataclass
class Wire:
    """A tensor: its name in ONNX (always NCHW there), whether the source sees it as NHWC, pads waiting for it.

    `side` is how large it is when the image is 416 pixels wide: the source names sizes, we need factors.
    """

    name: str
    side: int
    nhwc: bool = False
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)  # top, left, bottom, right


@dataclass
class Conversion:
    """What has been made of the graph so far."""

    nodes: dict[str, dict[str, Any]]
    weights: dict[str, Array]
    node_protos: list[onnx.NodeProto] = field(default_factory=list)
    constants: dict[str, onnx.TensorProto] = field(default_factory=dict)
    wires: dict[str, Wire] = field(default_factory=dict)

    def emit(self, op: str, inputs: list[str], name: str, **attributes: Any) -> str:
        self.node_protos.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def constant(self, name: str, value: Array) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name


def read_weights(manifest: list[dict[str, Any]], data: bytes) -> dict[str, Array]:
    """The weights of a tfjs manifest; float16 on disk becomes float32. Raises ValueError when the bytes do not fit."""
    weights: dict[str, Array] = {}
    at = 0
    for entry in (tensor for group in manifest for tensor in group["weights"]):
        kind = np.dtype((entry.get("quantization") or {}).get("dtype", entry["dtype"]))
        count = math.prod(entry["shape"])
        part = np.frombuffer(data, kind, count, at) if count else np.zeros(0, kind)
        weights[entry["name"]] = part.astype(entry["dtype"]).reshape(entry["shape"])
        at += count * kind.itemsize
    if at != len(data):
        raise ValueError(f"the weights hold {len(data)} bytes, the manifest names {at}")
    return weights


def to_onnx(model: dict[str, Any], data: bytes) -> onnx.ModelProto:
    """NanoDet as ONNX: `image` (1, H, W, 3; BGR) to logits `small middle large`, each (1, kept + 44, H/s, W/s)."""
    nodes = {node["name"]: node for node in model["modelTopology"]["node"]}
    build = Conversion(nodes, read_weights(model["weightsManifest"], data))
    build.wires["input_1"] = Wire(_planes(build), SIDE)
    heads = [node["input"][0] for node in nodes.values() if node["op"] == "SplitV"]
    outs = []
    for name, wire in zip(("small", "middle", "large"), [wire_of(build, head) for head in heads], strict=True):
        outs.append(build.emit("Identity", [wire.name], name))
    _normalise(build)
    channel_count = len(KEPT) + BINS
    shape = {
        name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channel_count, None, None]) for name in outs
    }
    image = helper.make_tensor_value_info("image", TensorProto.UINT8, [1, "height", "width", 3])
    graph = helper.make_graph(
        build.node_protos, "nanodet", [image], list(shape.values()), list(build.constants.values())
    )
    model_proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    onnx.checker.check_model(model_proto)
    return model_proto


def _planes(build: Conversion) -> str:
    """The picture's bytes, counted from GREY."""
    plain = build.emit("Cast", ["image"], "image/float", to=TensorProto.FLOAT)
    offset = build.emit("Sub", [plain, build.constant("image/grey", np.array(GREY, np.float32))], "image/centred")
    return build.emit("Transpose", [offset], PLANES, perm=NHWC_TO_NCHW)


def _normalise(build: Conversion) -> None:
    """Puts (byte - mean) / deviation, which the network was trained on, into the weights of its first convolution."""
    conv = next(node for node in build.node_protos if node.input[0] == PLANES)
    kernel, bias = (numpy_helper.to_array(build.constants[name]) for name in conv.input[1:3])
    new_kernel = kernel / np.array(DEVIATION).reshape(1, 3, 1, 1)
    new_bias = bias - (new_kernel * (np.array(MEAN) - GREY).reshape(1, 3, 1, 1)).sum((1, 2, 3))
    build.constant(conv.input[1], new_kernel.astype(np.float32))
    build.constant(conv.input[2], new_bias.astype(np.float32))


def wire_of(build: Conversion, name: str) -> Wire:
    """The tensor `name` of the source, converted with everything before it."""
    wire = build.wires.get(name)
    if wire is None:
        node = build.nodes[name]
        wire = build.wires[name] = OPS[node["op"]](build, node)
    return wire


def _inputs(build: Conversion, node: dict[str, Any]) -> list[str]:
    return [str(name).partition(":")[0] for name in node["input"]]


def _transpose(build: Conversion, node: dict[str, Any]) -> Wire:
    source, order_name = _inputs(build, node)
    before, permutation = wire_of(build, source), build.weights[order_name].tolist()
    if permutation not in (NHWC_TO_NCHW, NCHW_TO_NHWC) or (permutation == NHWC_TO_NCHW) != before.nhwc:
        raise ValueError(f"{node['name']} turns {permutation}: that is no change of layout")
    return Wire(before.name, before.side, not before.nhwc, before.pads)


def _pad(build: Conversion, node: dict[str, Any]) -> Wire:
    source, amounts = _inputs(build, node)[:2]
    before, table = wire_of(build, source), build.weights[amounts].tolist()
    (top, bottom), (left, right) = table[1:3] if before.nhwc else table[2:4]
    return Wire(before.name, before.side, before.nhwc, (top, left, bottom, right))


def _conv(build: Conversion, node: dict[str, Any]) -> Wire:
    source, kernel = _inputs(build, node)
    before = wire_of(build, source)
    stride = [int(text) for text in node["attr"]["strides"]["list"]["i"]][1:3]
    if not before.nhwc or base64.b64decode(node["attr"]["padding"]["s"]) != b"VALID":
        raise ValueError(f"{node['name']} is no plain NHWC convolution")
    weight = build.constant(f"{node['name']}/kernel", _narrowed(build.weights[kernel].transpose(3, 2, 0, 1)))
    name = build.emit("Conv", [before.name, weight], node["name"], strides=stride, pads=list(before.pads))
    return Wire(name, before.side // stride[0], nhwc=True)


def _narrowed(values: Array) -> Array:
    """Of a head's 80 + 44 channels those that are kept; anything else as it is."""
    return values[[*KEPT, *range(COCO, COCO + BINS)]] if len(values) == COCO + BINS else values


def _convert_add(build: Conversion, node: dict[str, Any]) -> Wire:
    left, right = _inputs(build, node)
    if right in build.weights and build.weights[right].ndim == 1:
        return _bias(build, node, wire_of(build, left), build.weights[right])
    first, second = wire_of(build, left), wire_of(build, right)
    if first.nhwc != second.nhwc:
        raise ValueError(f"{node['name']} adds two layouts")
    return Wire(build.emit("Add", [first.name, second.name], node["name"]), first.side, first.nhwc)


def _bias(build: Conversion, node: dict[str, Any], before: Wire, values: Array) -> Wire:
    last = build.node_protos[-1]
    if last.op_type != "Conv" or last.output[0] != before.name or len(last.input) != 2:
        raise ValueError(f"{node['name']} is no bias of the convolution before it")
    last.input.append(build.constant(f"{node['name']}/bias", _narrowed(values)))
    return before


def _leaky(build: Conversion, node: dict[str, Any]) -> Wire:
    before = wire_of(build, _inputs(build, node)[0])
    output = build.emit("LeakyRelu", [before.name], node["name"], alpha=node["attr"]["alpha"]["f"])
    return Wire(output, before.side, before.nhwc)


def _max_pool(build: Conversion, node: dict[str, Any]) -> Wire:
    before = wire_of(build, _inputs(build, node)[0])
    size, stride = ([int(text) for text in node["attr"][key]["list"]["i"]][1:3] for key in ("ksize", "strides"))
    output = build.emit(
        "MaxPool", [before.name], node["name"], kernel_shape=size, strides=stride, pads=list(before.pads)
    )
    return Wire(output, before.side // stride[0], before.nhwc)


def _concat(build: Conversion, node: dict[str, Any]) -> Wire:
    *names, axis = _inputs(build, node)
    parts = [wire_of(build, name) for name in names]
    if any(part.nhwc for part in parts) or int(build.weights[axis]) != 1:
        raise ValueError(f"{node['name']} joins something else than channels")
    return Wire(build.emit("Concat", [part.name for part in parts], node["name"], axis=1), parts[0].side)


def _resize(build: Conversion, node: dict[str, Any]) -> Wire:
    """Twice or half as large: the pyramid's way up and down."""
    source, size = _inputs(build, node)
    before, target = wire_of(build, source), int(build.weights[size][0])
    factor = target / before.side
    if factor not in (0.5, 2.0) or not node["attr"]["half_pixel_centers"]["b"]:
        raise ValueError(f"{node['name']} resizes by {factor}")
    scales = build.constant(f"{node['name']}/scales", np.array([1, 1, factor, factor], np.float32))
    output = build.emit("Resize", [before.name, "", scales], node["name"], mode="linear")
    return Wire(output, target, before.nhwc)


OPS = {
    "Transpose": _transpose,
    "Pad": _pad,
    "PadV2": _pad,
    "Conv2D": _conv,
    "Add": _convert_add,
    "LeakyRelu": _leaky,
    "MaxPool": _max_pool,
    "ConcatV2": _concat,
    "ResizeBilinear": _resize,
}
