"""Device trees as a blob, and those of VMMs that are not run here, with the port where QEMU has its own."""

import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

PORT = 0x900_0000
"""The PL011 of QEMU's machine `virt`, whose first register transmits, as a 16550's does."""
NOTHING = 0x4_0000
"""Where that machine has no device, so that a store there ends in an exception."""


class Node(NamedTuple):
    """A node: its name with the unit address, its properties, and its children."""

    name: str
    properties: Mapping[str, bytes]
    children: "Sequence[Node]" = ()


def cells(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def text(*values: str) -> bytes:
    return b"".join(value.encode() + b"\0" for value in values)


def flattened(root: Node) -> bytes:
    """Return the blob, version 17 (Devicetree specification 0.4, chapter 5)."""
    strings = bytearray()
    names: dict[str, int] = {}

    def offset(name: str) -> int:
        if name not in names:
            names[name] = len(strings)
            strings.extend(text(name))
        return names[name]

    def padded(data: bytes) -> bytes:
        return data + bytes(-len(data) % 4)

    def structure(node: Node) -> bytes:
        own = cells(1) + padded(text(node.name))
        for name, value in node.properties.items():
            own += cells(3, len(value), offset(name)) + padded(value)
        return own + cells(4) + b"".join(map(structure, node.children)) + cells(2)

    tree = structure(root) + cells(9)
    start = 56
    sizes = (start + len(tree), 40, 17, 16, 0, len(strings), len(tree))
    total = start + len(tree) + len(strings)
    return cells(0xD00D_FEED, total, start, *sizes) + bytes(16) + tree + bytes(strings)


def reg(address: int) -> bytes:
    return cells(address >> 32, address & 0xFFFF_FFFF, 0, 0x1000)


def serial(name: str, address: int, *compatible: str, **others: bytes) -> Node:
    return Node(f"{name}@{address:x}", {"compatible": text(*compatible), "reg": reg(address), **others})


def tree(*nodes: Node, chosen: Mapping[str, bytes] | None = None, aliases: Mapping[str, bytes] | None = None) -> bytes:
    """Return a tree with what every machine has, and these nodes."""
    root = {"#address-cells": cells(2), "#size-cells": cells(2), "compatible": text("linux,dummy-virt")}
    memory = Node("memory@40000000", {"device_type": text("memory"), "reg": cells(0, 0x4000_0000, 0, 0x800_0000)})
    psci = Node("psci", {"compatible": text("arm,psci-1.0", "arm,psci"), "method": text("hvc")})
    named = [Node("chosen", chosen or {}), *([Node("aliases", aliases)] if aliases else [])]
    return flattened(Node("", root, (memory, psci, *named, *nodes)))


def kvmtool(port: int, other: int) -> bytes:
    """Return kvmtool's tree, arm/fdt.c and hw/serial.c: stdout-path is an alias."""
    return tree(
        serial("U6_16550A", port, "ns16550a", **{"clock-frequency": cells(1843200)}),
        serial("U6_16550A", other, "ns16550a"),
        chosen={"stdout-path": text("serial0"), "bootargs": text("earlycon")},
        aliases={"serial0": text(f"/U6_16550A@{port:x}"), "serial1": text(f"/U6_16550A@{other:x}")},
    )


def crosvm(port: int, other: int) -> bytes:
    """Return crosvm's tree, aarch64/src/fdt.rs: the first of four ports is stdout-path."""
    return tree(
        serial("U6_16550A", port, "ns16550a"),
        serial("U6_16550A", other, "ns16550a"),
        chosen={"stdout-path": text(f"/U6_16550A@{port:x}")},
    )


def cloud_hypervisor(port: int) -> bytes:
    """Return cloud-hypervisor's tree, arch/src/aarch64/fdt.rs: no stdout-path."""
    return tree(
        serial("pl011", port, "arm,pl011", "arm,primecell", **{"clock-names": text("uartclk", "apb_pclk")}),
        chosen={"bootargs": text("console=ttyAMA0")},
    )


def firecracker(port: int, other: int) -> bytes:
    """Return Firecracker's tree, src/vmm/src/arch/aarch64/fdt.rs: no stdout-path."""
    return tree(serial("rtc", other, "arm,pl031", "arm,primecell"), serial("uart", port, "ns16550a", clocks=cells(2)))


SECURE = tree(
    serial("pl011", NOTHING, "arm,pl011", "arm,primecell", status=text("disabled")),
    serial("pl011", PORT, "arm,pl011", status=text("ok")),
)
"""QEMU with `secure=on`: another port is the firmware's."""
ON_A_BUS = tree(
    Node(
        "bus",
        {"compatible": text("simple-bus"), "#address-cells": cells(1), "#size-cells": cells(1), "ranges": b""},
        (Node("serial@9000000", {"reg": cells(PORT, 0x1000, 0, 0), "compatible": text("arm,sbsa-uart")}),),
    )
)
"""A bus with addresses of one cell, and so of two registers in 16 bytes."""
ALIOTH = tree(
    serial("pl011", PORT, "arm,primecell", "arm,pl011", status=text("okay")),
    serial("pl011", NOTHING, "arm,pl011"),
    chosen={"stdout-path": text("serial9:115200n8")},
)
"""An alias that is not there, and a `compatible` whose second string counts."""
DESIGNWARE = tree(
    serial("serial", NOTHING, "snps,dw-apb-uart"),
    serial("serial", PORT, "vendor,uart", "snps,dw-apb-uart"),
    chosen={"stdout-path": text(f"/serial@{PORT:x}:115200")},
)
ALIASED = tree(
    serial("serial", NOTHING, "ns16550a"),
    serial("console", PORT, "ns16550a"),
    chosen={"stdout-path": text("console0:115200n8")},
    aliases={"serial0": text(f"/serial@{NOTHING:x}"), "console0": text(f"/console@{PORT:x}")},
)
NO_PORT = tree(serial("rtc", PORT, "arm,pl031"))

TREES = {
    "kvmtool": kvmtool(PORT, NOTHING),
    "crosvm": crosvm(PORT, NOTHING),
    "cloud-hypervisor": cloud_hypervisor(PORT),
    "firecracker": firecracker(PORT, NOTHING),
    "secure": SECURE,
    "on-a-bus": ON_A_BUS,
    "alioth": ALIOTH,
    "designware": DESIGNWARE,
    "aliased": ALIASED,
}
"""Trees with a port, by the name of what has them."""
