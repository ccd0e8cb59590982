"""From 32-bit floats to 8-bit integers: a quarter of the size, less than half of the time."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import onnx

from qlue.vision.network.graph import PLANES
from qlue.vision.network.pictures import made_pictures
from qlue.vision.sources.letterbox import GREY

HEADS = 3  # the last convolutions, whose logits decide, stay in float: they are 1 % of the work


Pixels = npt.NDArray[np.uint8]


class CalibrationInputs(Protocol):
    """What onnxruntime calls until there is no more; its own type is loaded only when it is used."""

    def get_next(self) -> dict[str, Pixels] | None: ...


def quantise(plain: Path, target: Path, wide: int, high: int) -> None:
    """Writes the int8 network of `plain` (QDQ, per channel), its ranges calibrated on made pictures."""
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static

    model = onnx.load(plain)
    grey = {"scale": np.array(1, np.float32), "zero_point": np.array(GREY, np.uint8)}
    last_convolutions = [node.name for node in model.graph.node if node.op_type == "Conv"][-HEADS * 2 :]
    heads = [name for name in last_convolutions if _is_head(model, name)]
    logging.disable(logging.WARNING)  # it advises a preparation that only merges batch norms, of which there are none
    try:
        quantize_static(
            plain,
            target,
            calibration_reader(made_pictures(wide, high)),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=not has_dot_products(),
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            nodes_to_exclude=[*heads, *(node.name for node in model.graph.node if node.name.startswith("image/"))],
            extra_options={"TensorQuantOverrides": {PLANES: [grey]}},
        )
    finally:
        logging.disable(logging.NOTSET)


def _is_head(model: onnx.ModelProto, name: str) -> bool:
    kernels = {initializer.name: initializer.dims for initializer in model.graph.initializer}
    node = next(node for node in model.graph.node if node.name == name)
    return list(kernels[node.input[1]])[2:] == [1, 1]


def calibration_reader(pictures: Iterator[Pixels]) -> CalibrationInputs:
    """The pictures in the form in which onnxruntime asks for them."""
    from onnxruntime.quantization import CalibrationDataReader

    class PictureReader(CalibrationDataReader):  # type: ignore[misc]
        def get_next(self) -> dict[str, Pixels] | None:
            picture = next(pictures, None)
            return None if picture is None else {"image": picture[None]}

    return PictureReader()


def has_dot_products() -> bool:
    """Whether this processor adds products of bytes without saturating (VNNI); others need weights of 7 bits."""
    about = Path("/proc/cpuinfo")
    return about.exists() and "vnni" in about.read_text()
