"""Responses in the shapes of GeoReport v2: the same document as JSON and as XML, errors included."""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from django.http import HttpResponse
from django.utils.encoding import force_str

from qlue.kit.http import to_json

# The element for each entry of a list: XML needs a name where JSON has none, and the standard has one for every list.
ELEMENT_NAMES = {
    "services": "service",
    "service_requests": "request",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "errors": "error",
}
# XML 1.0 has no way at all to write these, not even as references.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
CONTENT_TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}


class Open311Error(Exception):
    """What a caller gets to read: one or more sentences under one HTTP status."""

    def __init__(self, status: int, *descriptions: object, retry_after: int = 0) -> None:
        self.status, self.retry_after = status, retry_after
        self.descriptions = [force_str(description) for description in descriptions]
        super().__init__("; ".join(self.descriptions))


def render_document(form: str, root: str, document: Any, status: int = 200) -> HttpResponse:
    """`value` (dicts, lists, text, numbers, truth, None) as `json` or `xml`; `root` names the outermost XML element."""
    body = to_json(document) if form == "json" else to_xml(root, document)
    return HttpResponse(body, status=status, content_type=CONTENT_TYPES[form])


def render_error(form: str, error: Open311Error) -> HttpResponse:
    """`[{"code": 404, "description": "..."}]`, or `<errors><error>...`."""
    document = [{"code": error.status, "description": text} for text in error.descriptions]
    response = render_document(form, "errors", document, error.status)
    if error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    return response


def to_xml(root: str, value: Any) -> bytes:
    """UTF-8 with declaration; characters that XML 1.0 forbids are left out."""
    element = ElementTree.Element(root)
    _fill_element(element, value)
    xml: bytes = ElementTree.tostring(element, encoding="utf-8", xml_declaration=True)
    return xml


def _fill_element(element: ElementTree.Element, value: Any) -> None:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _fill_element(ElementTree.SubElement(element, name), inner)
    elif isinstance(value, list):
        for inner in value:
            _fill_element(ElementTree.SubElement(element, ELEMENT_NAMES[element.tag]), inner)
    elif value is not None:
        element.text = NOT_XML.sub("", _xml_text(value))


def _xml_text(value: Any) -> str:
    if isinstance(value, bool):  # XML Schema's own words, not Python's
        return "true" if value else "false"
    return str(value)
