"""The part of the image that finds its serial port in the device tree, as instructions.

The port that ``stdout-path`` of ``/chosen`` names, by its node's name or by an alias, is taken if it is one that is
known and not disabled; else the first such port of the tree. Its address is the first of ``reg``, under the
``#address-cells`` of the node around it; no ``ranges`` is applied. Names are compared by their hashes, of a
path that of its last part, up to ``:``.

The MMU is off, so that words are loaded from where they are aligned, and everything else byte by byte.

Source: Devicetree specification 0.4, 2.3 and chapter 5; Linux 7.3.4 Documentation/devicetree/bindings/serial.
"""

from smccc_filter.probe.log import text_hash

PORTS = ("arm,pl011", "arm,sbsa-uart", "ns16550a", "snps,dw-apb-uart")
"""What ``compatible`` says of the ports that transmit a byte which is stored to their first address."""
NAMES = {
    "name_stdout": "stdout-path",
    "name_compatible": "compatible",
    "name_status": "status",
    "name_reg": "reg",
    "name_cells": "#address-cells",
    "word_okay": "okay",
    "word_ok": "ok",
    **{f"port_{number}": name for number, name in enumerate(PORTS)},
}
"""The names that are looked for, by the label of their hash."""


def hashes() -> str:
    """Return the hashes of ``NAMES`` as data of the program."""
    return "\n".join(f"{label}:\n.word {text_hash(name.encode()):#x}" for label, name in NAMES.items())


FIND = """
// x0: the device tree. Leaves the port's address in x19, or goes to power_off.
    ldr w1, [x0]
    rev w1, w1
    ldr w2, fdt_magic
    cmp w1, w2
    b.ne power_off
    ldr w9, [x0, #8]
    rev w9, w9
    add x9, x0, x9              // x9: the structure block
    ldr w10, [x0, #12]
    rev w10, w10
    add x10, x0, x10            // x10: the strings block
    mov x19, xzr
    mov w14, wzr                // w14: hash of the node's name that stdout-path has
    ldr w2, name_stdout
    bl find_property
    cbz x4, scan
    ldrb w6, [x4]
    cmp w6, #47                 // a slash: a path, and no alias
    b.eq is_path
    mov x7, x4
    bl hash
    mov w2, w6
    bl find_property            // the alias is a property, wherever it stands
    cbz x4, scan
is_path:
    mov x7, x4
    bl hash
    mov w14, w6
scan:
    mov x1, x9
    mov x15, xzr                // x15: the first port
    movz x12, #2                // x12: #address-cells, 4 bits a level, the innermost lowest
    mov w11, wzr                // w11: whether the node is a port
    mov w16, wzr                // w16: whether it is disabled
    mov x13, xzr                // x13: its address
    mov w18, wzr                // w18: hash of its name
scan_next:
    bl step
    cmp w3, #3
    b.eq scan_property
    cmp w3, #9
    b.eq scanned
    cmp w3, #4
    b.eq scan_next
    cbz w11, decided            // the node's own properties end where another node begins, or it ends
    cbnz w16, decided
    cbz x13, decided
    cbnz x15, is_not_first
    mov x15, x13
is_not_first:
    cmp w18, w14
    b.ne decided
    mov x19, x13
decided:
    mov w11, wzr
    mov w16, wzr
    mov x13, xzr
    mov w18, wzr
    cmp w3, #1
    b.ne scan_end
    mov w18, w6
    lsl x12, x12, #4
    add x12, x12, #2
    b scan_next
scan_end:
    lsr x12, x12, #4
    b scan_next
scan_property:
    ldr w7, name_compatible
    cmp w6, w7
    b.eq is_compatible
    ldr w7, name_status
    cmp w6, w7
    b.eq is_status
    ldr w7, name_reg
    cmp w6, w7
    b.eq is_reg
    ldr w7, name_cells
    cmp w6, w7
    b.ne scan_next
    ldr w7, [x4]
    rev w7, w7
    ubfx w7, w7, #0, #4
    lsr x12, x12, #4
    lsl x12, x12, #4
    orr x12, x12, x7
    b scan_next
is_reg:
    cbz w5, scan_next
    ldr w13, [x4]
    rev w13, w13
    ubfx x7, x12, #4, #4
    cmp w7, #2
    b.lo scan_next
    ldr w8, [x4, #4]
    rev w8, w8
    lsl x13, x13, #32
    orr x13, x13, x8
    b scan_next
is_status:
    mov x7, x4
    bl hash
    ldr w7, word_okay
    cmp w6, w7
    b.eq scan_next
    ldr w7, word_ok
    cmp w6, w7
    b.eq scan_next
    movz w16, #1
    b scan_next
is_compatible:
    mov x7, x4
    add x5, x4, x5
compatible_next:
    cmp x7, x5
    b.hs scan_next
    bl hash
    ldr w8, port_0
    cmp w6, w8
    b.eq is_port
    ldr w8, port_1
    cmp w6, w8
    b.eq is_port
    ldr w8, port_2
    cmp w6, w8
    b.eq is_port
    ldr w8, port_3
    cmp w6, w8
    b.ne compatible_next
is_port:
    movz w11, #1
    b scan_next
scanned:
    cbnz x19, has_port
    mov x19, x15
    cbz x19, power_off
    b has_port

// w2: hash of a property's name. Leaves its value's address in x4, or 0.
find_property:
    mov x16, x30
    mov x1, x9
find_next:
    bl step
    cmp w3, #9
    b.eq find_none
    cmp w3, #3
    b.ne find_next
    cmp w6, w2
    b.ne find_next
    ret x16
find_none:
    mov x4, xzr
    ret x16

// x1: a token, of which it leaves the next. Leaves the token in w3, the hash of its name in w6, and the address and the
// size of a property's value in x4 and w5.
step:
    ldr w3, [x1], #4
    rev w3, w3
    cmp w3, #1
    b.eq step_node
    cmp w3, #3
    b.ne step_done
    ldr w5, [x1], #4
    rev w5, w5
    ldr w7, [x1], #4
    rev w7, w7
    add x7, x10, x7
    mov x4, x1
    add x1, x1, x5
    add x1, x1, #3
    lsr x1, x1, #2
    lsl x1, x1, #2
    b hash
step_node:
    mov x17, x30
    mov x7, x1
    bl hash
    add x1, x7, #3
    lsr x1, x1, #2
    lsl x1, x1, #2
    ret x17

// x7: a name, of which it leaves the end. w6: its hash.
hash:
    mov w6, wzr
hash_next:
    ldrb w8, [x7], #1
    cbz w8, step_done
    cmp w8, #58                 // a colon
    b.eq step_done
    cmp w8, #47                 // a slash
    b.eq hash
    add w6, w6, w6, lsl #5
    eor w6, w6, w8
    b hash_next
step_done:
    ret

fdt_magic:
.word 0xd00dfeed
"""
