"""The parts of an installation that come as extras of the package: `pip install 'qlue[cameras]'`.

Their libraries are large, and a city without cameras needs none of FFmpeg. Code that needs a part asks here first.
"""

from importlib.util import find_spec

MODULES = {
    "cameras": ("av", "onnxruntime", "onnx"),
    "insight": ("sklearn", "threadpoolctl"),
    "brief": ("typst",),
    "parquet": ("pyarrow",),
}


def installed(part: str) -> bool:
    """True when every library of the part (a key of MODULES) is here."""
    return all(map(find_spec, MODULES[part]))


def install_command(part: str) -> str:
    """What whoever runs the installation types to add the part."""
    return f"pip install 'qlue[{part}]'"
