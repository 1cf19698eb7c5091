"""Reading and writing the flat XML of the protocol."""

import re
from collections.abc import Mapping
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

MAX_BYTES = 64 * 1024
_DECLARATION = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class BadXml(Exception):
    """The body is not a message of this protocol."""


def clean(text: str) -> str:
    """Without the characters XML 1.0 forbids."""
    return _ILLEGAL.sub("", text)


def parse(body: bytes | str) -> dict[str, str]:
    """The first level of fields. Refused before parsing: over 64 KiB, not UTF-8, or with a DOCTYPE or ENTITY."""
    raw = body.encode() if isinstance(body, str) else body
    if len(raw) > MAX_BYTES:
        raise BadXml
    try:
        text = clean(raw.decode())
        if _DECLARATION.search(re.sub(r"<!\[CDATA\[.*?\]\]>", "", text, flags=re.DOTALL)):
            raise BadXml
        root = fromstring(text, forbid_dtd=True)
    except (UnicodeDecodeError, ParseError, DefusedXmlException, ValueError) as error:
        raise BadXml from error
    if root.tag != "xml":
        raise BadXml
    return {child.tag: child.text or "" for child in root}


def render(fields: Mapping[str, str | int]) -> str:
    """Text goes into CDATA, numbers stay bare."""
    inner = "".join(f"<{name}>{_value(value)}</{name}>" for name, value in fields.items())
    return f"<xml>{inner}</xml>"


def _value(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    return "<![CDATA[" + clean(value).replace("]]>", "]]]]><![CDATA[>") + "]]>"
