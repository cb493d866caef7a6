"""Artefacts drawn at random: blobs, register files, JSON, headers, C and Rust, whole, nearly right, or cut."""

import json
import struct
from functools import cache
from random import Random

from smccc_filter.analysis import pipeline
from smccc_filter.artefacts.backends import backend
from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS
from tests.programs.fuzz import policies
from tests.programs.fuzz.nearly import nearly

ENTRY = struct.Struct("<IIB15s")
"""``struct kvm_smccc_filter``, little endian."""
PAIR = struct.Struct("<QQ")
C_ACTIONS = ("KVM_SMCCC_FILTER_HANDLE", "KVM_SMCCC_FILTER_DENY", "KVM_SMCCC_FILTER_FWD_TO_USER", "1", "2")
C_ENTRY = "    {{ .base = {}, .nr_functions = {}, .action = {} }},\n"
C_SOURCE = "#include <linux/kvm.h>\n\nstatic const struct kvm_smccc_filter ranges[] = {{\n{}}};\n"
RUST_ENTRY = "    kvm_smccc_filter {{ base: {}, nr_functions: {}, action: {}, pad: [0; 15] }},\n"
RUST_SOURCE = "use kvm_bindings::kvm_smccc_filter;\n\npub const RANGES: [kvm_smccc_filter; {}] = [\n{}];\n"
SUFFIX = {"blob": "bin", "regs": "regs", "json": "json", "c": "c", "rust": "rs", "sql": "sql"}


def _ranges(random: Random) -> list[tuple[int, int]]:
    """Draw disjoint ranges above what KVM reserves."""
    starts = sorted(random.sample(range(0x82000000, 0xC0000000, 0x1000), random.randrange(1, 5)))
    return [(start + random.randrange(0x100), random.choice((1, 2, 0x20, 0xE00))) for start in starts]


def _slipped(random: Random, text: str) -> str:
    return nearly(random, text) if random.random() < 0.25 else text


def _broken(random: Random, data: bytes) -> bytes:
    """Cut, double or change a few bytes, seldom."""
    if random.random() < 0.6:
        return data
    changed = bytearray(data)
    for _ in range(random.randrange(1, 4)):
        at = random.randrange(len(changed) + 1)
        changed[at : at + random.choice((0, 1, 1, 4))] = random.choice((b"", b"\0", b"\xff", random.randbytes(2)))
    return bytes(changed)


def blob(random: Random) -> bytes:
    """Draw entries of a blob, in which any field may be odd."""
    entries = [
        ENTRY.pack(
            random.choice((base, base, base, policies.fid(random))),
            random.choice((count, count, count, 0, 0xFFFFFFFF)),
            random.choice((0, 1, 2, 1, 2, random.randrange(256))),
            b"" if random.random() < 0.95 else random.randbytes(15),
        )
        for base, count in _ranges(random)
    ]
    return _broken(random, b"".join(entries))


def regs(random: Random) -> bytes:
    """Draw a register file."""
    known = [(one.id, random.getrandbits(random.choice((2, 8, 64)))) for one in FIRMWARE_REGISTERS]
    odd = (0x6030000000140000 | random.randrange(8), random.getrandbits(64))
    return _broken(random, b"".join(PAIR.pack(*pair) for pair in random.sample([*known, odd], random.randrange(1, 4))))


def json_document(random: Random) -> bytes:
    """Draw a document such as ``compile --format json`` writes, in which texts and numbers may be nearly right."""
    entries = [
        {
            "base": _slipped(random, f"0x{base:08X}"),
            "nr_functions": random.choice((count, count, count, 0, -1, 1.0, True, f"{count}", 1 << 32, 10**400)),
            "action": _slipped(random, random.choice(("deny", "forward", "handle"))),
        }
        for base, count in _ranges(random)
    ]
    registers = [
        {
            "name": "KVM_REG_ARM_STD_BMAP",
            "id": _slipped(random, "0x6030000000160000"),
            "value": _slipped(random, "0x1"),
        }
    ]
    document: dict[str, object] = {
        "version": random.choice((1, 1, 1, 1, 1.0, True, 2, "1")),
        "name": _slipped(random, "a-b"),
    }
    document |= {"tool": "smccc-filter", "tool_version": "1.0.0", "filter": entries}
    document["registers"] = registers if random.random() < 0.5 else []
    return _broken(random, json.dumps(document, indent=random.choice((None, 2))).encode())


def c_source(random: Random) -> bytes:
    """Draw C with an array of entries whose numbers may be nearly right."""
    rows = [
        C_ENTRY.format(
            _slipped(
                random, random.choice((f"0x{base:08X}", f"0x{base:X}U", f"{base}", f"{base:#o}".replace("o", "")))
            ),
            _slipped(random, random.choice((f"{count}", f"{count:#x}", f"{count}UL"))),
            _slipped(random, random.choice(C_ACTIONS)),
        )
        for base, count in _ranges(random)
    ]
    return C_SOURCE.format("".join(rows)).encode(errors="surrogatepass")


def rust_source(random: Random) -> bytes:
    """Draw Rust with an array of entries whose numbers may be nearly right."""
    rows = [
        RUST_ENTRY.format(
            _slipped(random, random.choice((f"0x{base:_X}", f"0x{base:X}_u32", f"{base}", f"{base:#o}"))),
            _slipped(random, random.choice((f"{count}", f"{count:#x}", f"{count}u32"))),
            _slipped(random, random.choice(("0", "1", "2", "1u8"))),
        )
        for base, count in _ranges(random)
    ]
    return RUST_SOURCE.format(len(rows), "".join(rows)).encode(errors="surrogatepass")


@cache
def _compiled(artefact_format: str) -> tuple[bytes, ...]:
    """Return what ``compile`` makes of every shipped policy."""
    examined = (pipeline.examine("p.yaml", text.encode()) for text in policies.SOURCES)
    return tuple(backend(artefact_format).emit(pipeline.program(one)) for one in examined if not one.has_errors)


def ours(random: Random, artefact_format: str) -> bytes:
    """Draw what ``compile`` writes with a slip somewhere."""
    data = random.choice(_compiled(artefact_format))
    text = data.decode("latin-1")
    at = random.randrange(len(text) + 1)
    end = at + random.choice((0, 1, 4, 12, 60))
    piece = nearly(random, text[at:end]).encode("latin-1", errors="replace").decode("latin-1")
    return (text[:at] + piece + text[end:]).encode("latin-1")
