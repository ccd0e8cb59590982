"""Answers in the shapes of GeoReport v2: the same data as JSON and as XML, errors included."""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from django.http import HttpResponse
from django.utils.encoding import force_str

from qlue.kit.http import to_json

# What stands inside a list element; every list of the standard has its own name for it.
ITEM = {
    "services": "service",
    "service_requests": "request",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "errors": "error",
}
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}


class Fault(Exception):
    """What a caller is told: one or more sentences under one HTTP status."""

    def __init__(self, status: int, *descriptions: object, retry_after: int = 0) -> None:
        self.status, self.retry_after = status, retry_after
        self.descriptions = [force_str(one) for one in descriptions]
        super().__init__("; ".join(self.descriptions))


def render(form: str, root: str, value: Any, status: int = 200) -> HttpResponse:
    """`value` (dicts, lists, text, numbers, truth, None) as `json` or `xml`; `root` names the outermost XML element."""
    body = to_json(value) if form == "json" else to_xml(root, value)
    return HttpResponse(body, status=status, content_type=TYPES[form])


def render_fault(form: str, fault: Fault) -> HttpResponse:
    """`[{"code": 404, "description": "..."}]`, or `<errors><error>...`."""
    told = [{"code": fault.status, "description": text} for text in fault.descriptions]
    response = render(form, "errors", told, fault.status)
    if fault.retry_after:
        response["Retry-After"] = str(fault.retry_after)
    return response


def to_xml(root: str, value: Any) -> bytes:
    """UTF-8 with declaration; characters that XML 1.0 forbids are left out."""
    element = ElementTree.Element(root)
    _fill(element, value)
    written: bytes = ElementTree.tostring(element, encoding="utf-8", xml_declaration=True)
    return written


def _fill(element: ElementTree.Element, value: Any) -> None:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _fill(ElementTree.SubElement(element, name), inner)
    elif isinstance(value, list):
        for inner in value:
            _fill(ElementTree.SubElement(element, ITEM[element.tag]), inner)
    elif value is not None:
        element.text = NOT_XML.sub("", _word(value))


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
