"""The part of the image that makes the calls and prints what came back, as instructions.

No memory is written and there is no stack: what must outlast a call is in X18 to X30, which calls keep. The request is
printed before the call, so that one that never comes back is named.

Source: Arm DEN0028, the chapter on registers; Linux 7.3.4 Documentation/arch/arm64/booting.rst.
"""

from smccc_filter.kvm.psci import SYSTEM_OFF
from smccc_filter.probe.questions import X3

HEADER = """
image:
    b start
    .word 0, 0, 0               // text_offset is 0
    .word 0, 0                  // image_size, which is set when it is known
    .word 0xa, 0                // little endian, pages of 4 KiB, anywhere in memory
    .word 0, 0, 0, 0, 0, 0
    .word 0x644d5241, 0         // "ARM" and 0x64
.org 0x200
// The vector of an exception at the image's own level: x25 tells what it was, and x24 where to go on.
    mrs x25, currentel
    lsr w25, w25, #3
    cbnz w25, trapped_at_el2
    mrs x25, esr_el1
    br x24
trapped_at_el2:
    mrs x25, esr_el2
    br x24
start:
    msr daifset, #15
    msr spsel, #1
    adr x24, power_off
    adr x1, image
    mrs x2, currentel
    lsr w2, w2, #3
    cbnz w2, at_el2
    msr vbar_el1, x1
    b has_vectors
at_el2:
    msr vbar_el2, x1
has_vectors:
    isb
"""

FIXED_PORT = """
    movz x19, #{0:#x}
    movk x19, #{1:#x}, lsl #16
    movk x19, #{2:#x}, lsl #32
    movk x19, #{3:#x}, lsl #48
"""
"""Takes the four quarters of an address, the lowest first."""

CALL = f"""
has_port:
    bl begin_line
    adr x1, text_begin
    bl put_text
    mrs x0, currentel
    lsr w0, w0, #2
    add w0, w0, #48
    bl put_byte
    bl end_line
    movz w23, #{{first_conduit}}    // w23: the conduit, 0 for HVC and 1 for SMC
ask_all:
    adr x21, table              // x21: the call
    movz w22, #{{first:#x}}     // w22: its number
ask:
    movz w0, #{{stop:#x}}
    cmp w22, w0
    b.hs asked_all
    bl begin_line
    mov w2, w22
    bl put_hex
    movz w0, #104               // h
    cbz w23, is_hvc
    movz w0, #115               // s
is_hvc:
    bl put_byte
    adr x24, trapped
    ldr w0, [x21], #4
    ldr w1, [x21], #4
    ldr w2, [x21], #4
    lsl x2, x2, #32
    orr x0, x0, x2
    orr x1, x1, x2
    movz x3, #{X3 >> 16:#x}, lsl #16
    movk x3, #{X3 & 0xFFFF:#x}
    orr x3, x3, x2
    mov x4, xzr
    mov x5, xzr
    mov x6, xzr
    mov x7, xzr
    cbnz w23, by_smc
    hvc #0
    b came_back
by_smc:
    smc #0
came_back:
    mov x26, x0
    mov x27, x1
    mov x28, x2
    mov x29, x3
    movz w0, #32                // a blank
    bl put_byte
    mov x2, x26
    bl put_value
    orr x2, x28, x29
    orr x3, x27, x2
    cbz x3, answered
    movz w0, #44                // a comma
    bl put_byte
    mov x2, x27
    bl put_value
    orr x2, x28, x29
    cbz x2, answered
    movz w0, #44
    bl put_byte
    mov x2, x28
    bl put_value
    cbz x29, answered
    movz w0, #44
    bl put_byte
    mov x2, x29
    bl put_value
answered:
    bl end_line
    add w22, w22, #1
    b ask
trapped:
    movz w0, #32
    bl put_byte
    movz w0, #33                // an exclamation mark
    bl put_byte
    mov w2, w25
    bl put_hex
    bl end_line
asked_all:
    movz w0, #{{last_conduit}}
    cmp w23, w0
    b.hs finish
    add w23, w23, #1
    b ask_all
finish:
    bl begin_line
    adr x1, text_end
    bl put_text
    bl end_line
    movz w0, #13
    bl put_byte
    movz w0, #10
    bl put_byte
power_off:
{{power_off}}
stop:
    wfi
    b stop

// Begins a line, and its checksum in w20.
begin_line:
    mov x18, x30
    movz w0, #13
    bl put_byte
    movz w0, #10
    bl put_byte
    mov w20, wzr
    adr x1, text_mark
    bl put_text
    ret x18

// Ends a line with its checksum.
end_line:
    mov x18, x30
    mov w12, w20
    movz w0, #126               // a tilde
    bl put_byte
    ubfx w2, w12, #0, #16
    movz w3, #12
    bl put_digits
    ret x18

// x1: a text that ends with NUL.
put_text:
    mov x17, x30
put_next:
    ldrb w0, [x1], #1
    cbz w0, put_last
    bl put_byte
    b put_next
put_last:
    ret x17

// x2: a number; those from -4095 on with their sign.
put_value:
    cmn x2, #4095
    b.lo put_hex
    neg x2, x2
    mov x17, x30
    movz w0, #45                // a minus sign
    bl put_byte
    mov x30, x17
// x2: a number without a sign.
put_hex:
    mov x16, x30
    movz x3, #1
    orr x3, x2, x3
    clz x3, x3
    movz x4, #63
    sub x3, x4, x3
    lsr x3, x3, #2
    lsl x3, x3, #2
    b put_digit
// x2: a number; x3: four less than the bits of the digits to print.
put_digits:
    mov x16, x30
put_digit:
    lsr x0, x2, x3
    ubfx w0, w0, #0, #4
    add w0, w0, #48
    cmp w0, #57
    b.ls put_this
    add w0, w0, #39
put_this:
    bl put_byte
    subs x3, x3, #4
    b.pl put_digit
    ret x16

// w0: a byte. The store must be a plain one: with write-back, KVM can't tell a VMM what was stored.
put_byte:
    add w20, w20, w20, lsl #5
    eor w20, w20, w0
    strb w0, [x19]
    ret
"""

POWER_OFF = f"""
    adr x24, after_{{conduit}}
    movz w0, #{SYSTEM_OFF >> 16:#x}, lsl #16
    movk w0, #{SYSTEM_OFF & 0xFFFF:#x}
    {{conduit}} #0
after_{{conduit}}:
"""


def text_words(text: str) -> str:
    """Return a text that ends with NUL as data of the program, with as many more as fill its last word."""
    data = text.encode("ascii") + b"\0"
    data += bytes(-len(data) % 4)
    return "".join(f".word {int.from_bytes(data[at : at + 4], 'little'):#x}\n" for at in range(0, len(data), 4))
