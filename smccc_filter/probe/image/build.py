"""The image: its header, its code and the table of calls, the same bytes for the same policy every time.

Source: Linux 7.3.4 Documentation/arch/arm64/booting.rst, "Call the kernel image".
"""

import struct
from collections.abc import Sequence

from smccc_filter.kvm.machine import Conduit
from smccc_filter.probe.image import calling, port
from smccc_filter.probe.image.assembler import assemble
from smccc_filter.probe.log import END, MARK, LogHeader
from smccc_filter.probe.vmm_questions import VmmQuestion

MAX_IMAGE = 64 << 10
"""Bytes of the largest image."""
ENTRY = struct.Struct("<III")
"""A call: its ID, the low half of X1, and the upper half of X0 to X3."""
PAGE = 4096
IMAGE_SIZE_AT = 16
"""Offset in the header of how much memory the image takes."""


class ImageTooLargeError(ValueError):
    """The policy has more calls than an image holds; the message says how many."""


def image(header: LogHeader, questions: Sequence[VmmQuestion], port_address: int | None = None) -> bytes:
    """Return the image that makes ``questions``, those that ``header`` announces.

    It prints to ``port_address``, or else finds its port in the device tree. Raises ImageTooLargeError.
    """
    code = assemble(source(header, len(questions), port_address))
    if len(questions) > _room(code):
        raise ImageTooLargeError(f"it asks for {len(questions):,} calls, and an image holds {_room(code):,}")
    table = b"".join(ENTRY.pack(question.func_id, question.x1, question.upper) for question in questions)
    made = bytearray(code + table)
    struct.pack_into("<Q", made, IMAGE_SIZE_AT, -(-len(made) // PAGE) * PAGE)
    return bytes(made)


def room(header: LogHeader) -> int:
    """Return how many calls an image with this first line holds."""
    return _room(assemble(source(header, header.calls, None)))


def source(header: LogHeader, number: int, port_address: int | None) -> str:
    """Return the program that makes ``number`` calls of the table behind it."""
    conduits = sorted(map(tuple(Conduit).index, header.conduits))
    code = calling.CALL.format(
        first_conduit=conduits[0],
        last_conduit=conduits[-1],
        first=header.first,
        stop=header.first + number,
        power_off="".join(calling.POWER_OFF.format(conduit=conduit) for conduit in header.conduits),
    )
    texts = {"text_mark": MARK, "text_begin": str(header), "text_end": END}
    data = "".join(f"{label}:\n{calling.text_words(text)}" for label, text in texts.items())
    return "\n".join((calling.HEADER, _port(port_address), code, data, port.hashes(), "table:\n"))


def _room(code: bytes) -> int:
    return (MAX_IMAGE - len(code)) // ENTRY.size


def _port(address: int | None) -> str:
    if address is None:
        return port.FIND
    return calling.FIXED_PORT.format(*(address >> shift & 0xFFFF for shift in (0, 16, 32, 48)))
