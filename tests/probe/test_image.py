import struct
import subprocess
from pathlib import Path

import pytest

from smccc_filter.kvm.machine import Conduit
from smccc_filter.probe.image import build, calling, port
from smccc_filter.probe.image.assembler import assemble
from smccc_filter.probe.log import LogHeader
from smccc_filter.probe.vmm_questions import VmmQuestion
from tests.artefacts.backends.tools import tool
from tests.policies.shipped import each_policy
from tests.probe.vmm_logs import header_of

SOME = (VmmQuestion(0x8400_0000), VmmQuestion(0x8400_000A, 0x8000_0000, 0xFFFF_FFFF))
HEADER = LogHeader("0123456789abcdef", 0, len(SOME), tuple(Conduit))
PREFIX = "aarch64-linux-gnu-"


def gnu_assembled(source: str, folder: Path) -> bytes:
    """Assemble as GNU as does, and return the words of the text section."""
    text, made, words = folder / "image.s", folder / "image.o", folder / "image.bin"
    text.write_text(source, encoding="ascii")
    subprocess.run([tool(f"{PREFIX}as"), text, "-o", made], check=True)
    subprocess.run([tool(f"{PREFIX}objcopy"), "-O", "binary", "-j", ".text", made, words], check=True)
    return words.read_bytes()


@pytest.mark.parametrize("address", [None, 0x900_0000, 0x12_3456_789A_BCDE])
@pytest.mark.parametrize("conduits", [(Conduit.HVC,), (Conduit.SMC,), tuple(Conduit)])
def test_another_assembler_makes_the_same_words(
    address: int | None, conduits: tuple[Conduit, ...], tmp_path: Path
) -> None:
    source = build.source(HEADER._replace(conduits=conduits), len(SOME), address)
    assert assemble(source) == gnu_assembled(source, tmp_path)


@each_policy
def test_the_image_of_a_shipped_policy_is_small_and_always_the_same(name: str) -> None:
    header, asked = header_of(name)
    made = build.image(header, asked.safe)
    assert made == build.image(header, asked.safe)
    assert len(made) <= 64 << 10


def test_the_header_is_that_of_the_boot_protocol() -> None:
    made = build.image(HEADER, SOME)
    code, _, offset, size, flags, magic, last = struct.unpack_from("<IIQQQ24x4sI", made)
    assert code >> 26 == 0b000101, "the first instruction is a branch over the header"
    assert (offset, flags, magic, last) == (0, 0xA, b"ARM\x64", 0)
    assert size >= len(made)
    assert size % 4096 == 0


def test_the_table_holds_the_calls() -> None:
    table = build.image(HEADER, SOME)[-24:]
    assert struct.unpack("<6I", table) == (0x8400_0000, 0, 0, 0x8400_000A, 0x8000_0000, 0xFFFF_FFFF)


def test_more_calls_than_an_image_holds_are_refused() -> None:
    many = [VmmQuestion(func_id) for func_id in range(6000)]
    with pytest.raises(build.ImageTooLargeError, match=r"^it asks for 6,000 calls, and an image holds 5,\d{3}$"):
        build.image(HEADER._replace(calls=6000), many)
    room = build.room(HEADER)
    assert len(build.image(HEADER._replace(calls=room), many[:room])) in range((64 << 10) - 11, (64 << 10) + 1)


@pytest.mark.parametrize(
    "text",
    [
        "mul x0, x1, x2",
        "b nowhere",
        "movz x0, #0x10000",
        "ldr w0, [x1, #3]",
        "lsl x0, x1",
        "a:\na:",
        "isb\nisb\n.org 4",
        "ldr w0, [x1], #256",
        "mrs x0, midr_el1",
    ],
)
def test_what_can_t_be_encoded_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"can.t be encoded|is there twice|lies behind"):
        assemble(text)


def test_a_store_of_the_port_is_plain() -> None:
    """KVM can't tell a VMM of a store with write-back what was stored."""
    stores = [text for text in (calling.HEADER + calling.CALL + port.FIND).splitlines() if text.split()[:1] == ["strb"]]
    assert [" ".join(text.split()) for text in stores] == ["strb w0, [x19]"]
