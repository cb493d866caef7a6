"""What a document says, whatever the order of its keys and the spelling of its function IDs."""

from typing import Any

from smccc_filter.language.policy import ranges
from smccc_filter.language.source import Document, plain


def in_order(document: Document) -> Any:  # noqa: ANN401 -- any YAML value
    """Return a document as data with sorted keys, a range as what it is read as."""
    assert document.root
    return _in_order(plain(document.root))


def _in_order(data: Any) -> Any:  # noqa: ANN401
    if isinstance(data, dict):
        return {key: _in_order(data[key]) for key in sorted(data)}
    if isinstance(data, list):
        return [_in_order(item) for item in data]
    if isinstance(data, str) and data[:2] in {"0x", "0X"}:
        return ranges.parse(data)
    return repr(data)
