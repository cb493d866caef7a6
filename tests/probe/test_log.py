import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.kvm.machine import Conduit
from smccc_filter.probe.log import LogError, LogHeader
from smccc_filter.probe.log_reader import read_log
from tests.probe.vmm_logs import line

HEADER = LogHeader("0123456789abcdef", 0, 3, tuple(Conduit))
BEGIN = line(f"{HEADER}1")
ANSWERS = [line("0h -1"), line("1h 10001"), line("2h 0,1,-4,ffffffffffff0000"), line("0s !2000000")]
WHOLE = BEGIN + "".join(ANSWERS) + line("end") + "\r\n"
MINUS = 2**64


def test_a_whole_log() -> None:
    log = read_log(WHOLE.encode())
    assert log.header == HEADER
    assert log.level == 1
    assert {key: (found.registers, found.syndrome) for key, found in log.answers.items()} == {
        (Conduit.HVC, 0): ((MINUS - 1, 0, 0, 0), None),
        (Conduit.HVC, 1): ((0x1_0001, 0, 0, 0), None),
        (Conduit.HVC, 2): ((0, 1, MINUS - 4, 0xFFFF_FFFF_FFFF_0000), None),
        (Conduit.SMC, 0): (None, 0x200_0000),
    }
    assert [found.line for found in log.answers.values()] == [3, 4, 5, 6]
    assert (log.broken, log.lost, log.ended, log.restarts) == ((), None, True, 0)


@pytest.mark.parametrize(
    "changed",
    [
        WHOLE.replace("\r\n", "\n"),
        WHOLE.replace("\r\n", "\r\r\n"),
        WHOLE.replace("\r\n", "\r\n[  1.234567] "),
        WHOLE.replace("\r\n", "\r\nqemu-system-aarch64: warning: \r\nNov 29 10:00:00 host vmm[12]: "),
        WHOLE.replace("smccc1", "\x1b[32msmccc1\x1b[0m").replace("-1", "\x1b[1m-1\x1b[K"),
        WHOLE.replace("\r\n", "INFO: vCPU exit\r\n"),
        f"\x1b]0;console\x07BIOS\x00\r\n{WHOLE}Power down.",
    ],
)
def test_what_else_is_printed_around_lines_does_no_harm(changed: str) -> None:
    log, whole = read_log(changed.encode()), read_log(WHOLE.encode())
    assert {key: found._replace(line=0) for key, found in log.answers.items()} == {
        key: found._replace(line=0) for key, found in whole.answers.items()
    }
    assert (log.broken, log.ended) == ((), True)


def test_utf_16_is_read_as_well() -> None:
    assert read_log(WHOLE.encode("utf-16")).answers.keys() == read_log(WHOLE.encode()).answers.keys()


@pytest.mark.parametrize("at", range(1, len(ANSWERS[1]) - 1))
def test_what_is_printed_into_a_line_breaks_that_line_alone(at: int) -> None:
    torn = f"{ANSWERS[1][:at]}WARN\r\n{ANSWERS[1][at:]}"
    log = read_log(WHOLE.replace(ANSWERS[1], torn).encode())
    found = (Conduit.HVC, 1) in log.answers
    assert found or at > len("\r\n"), "what is printed in front of a line does not break it"
    assert len(log.answers) == (4 if found else 3)
    assert all(broken.line in {4, 5} for broken in log.broken)
    if not found and at > len("\r\nsmccc1 1h"):
        assert [broken.request for broken in log.broken] == [(Conduit.HVC, 1)]


@pytest.mark.parametrize("position", range(2, len(ANSWERS[2])))
def test_every_changed_byte_breaks_its_line(position: int) -> None:
    other = "0" if ANSWERS[2][position] != "0" else "1"
    changed = ANSWERS[2][:position] + other + ANSWERS[2][position + 1 :]
    log = read_log(WHOLE.replace(ANSWERS[2], changed).encode())
    assert (Conduit.HVC, 2) not in log.answers


@pytest.mark.parametrize("length", range(len(BEGIN), len(WHOLE)))
def test_a_log_that_was_cut_has_what_is_whole(length: int) -> None:
    log = read_log(WHOLE[:length].encode())
    complete = [number for number in range(1, len(ANSWERS) + 1) if length >= len(BEGIN + "".join(ANSWERS[:number]))]
    assert len(log.answers) == len(complete)
    assert log.ended is (length >= len(WHOLE) - 2)


def test_a_call_that_never_came_back_is_the_last_of_its_log() -> None:
    log = read_log(f"{BEGIN}{ANSWERS[0]}\r\nsmccc1 1h".encode())
    assert log.lost == (Conduit.HVC, 1)
    assert (log.broken, log.ended, log.restarts) == ((), False, 0)


def test_a_guest_that_is_reset_begins_anew() -> None:
    once = f"{BEGIN}{ANSWERS[0]}\r\nsmccc1 1h"
    log = read_log((once * 3).encode())
    assert (log.lost, log.restarts, len(log.answers)) == ((Conduit.HVC, 1), 2, 1)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        ("\r\n \x00\r\n", "it is empty"),
        ("Booting Linux on physical CPU 0x0000000000\r\n", "no line of it begins with `smccc1`"),
        (BEGIN[:-1] + "!", "line 2 is of an image, but no whole first line is there"),
        (WHOLE.removeprefix(BEGIN), "line 2 is of an image, but no whole first line is there"),
        (ANSWERS[0] + WHOLE, "line 2 is of a run whose first line is missing"),
        (WHOLE + WHOLE, "it has 2 runs, which begin in lines 2, 9: give the lines of one"),
        (line("begin 2 0123456789abcdef"), "line 2 is the first of an image of another version"),
    ],
)
def test_a_log_that_tells_nothing_says_why(text: str, why: str) -> None:
    with pytest.raises(LogError, match=re.escape(why)):
        read_log(text.encode())


PIECES = st.sampled_from(
    [
        BEGIN,
        *ANSWERS,
        line("end"),
        "\r\nsmccc1 1h",
        "smccc1 ",
        "\x1b[1m",
        "~",
        "\0",
        "\r\n",
        line("1h 1,2,3,4,5"),
        "\xff",
    ]
)


@given(st.lists(PIECES, max_size=20).map("".join))
def test_a_log_of_any_pieces_is_read_or_refused(text: str) -> None:
    try:
        log = read_log(text.encode("latin-1"))
    except LogError:
        assert text.count("begin") != 1 or not text.startswith(BEGIN)
    else:
        assert set(log.answers) <= {(conduit, number) for conduit in Conduit for number in range(3)}
        assert log.broken_lines >= len(log.broken)
        assert not (log.ended and log.lost)


ENOUGH = 1 << 17
"""Bytes beside which a reader's own objects do not count."""


@pytest.mark.parametrize(
    "piece",
    [
        "smccc1 ",
        line("0h -1"),
        "\r\nsmccc1 1h",
        BEGIN,
        "\0",
        "\x1b[1m",
        pytest.param("".join(line(f"1h {number:x}") for number in range(6000)), id="many answers"),
    ],
)
def test_memory_for_a_log_is_a_few_times_its_size_whatever_is_in_it(piece: str) -> None:
    data = (BEGIN + piece * (ENOUGH // len(piece) + 1)).encode()
    tracemalloc.start()
    try:
        read_log(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(data)


def test_bytes_of_any_kind_tell_nothing() -> None:
    with pytest.raises(LogError):
        read_log(bytes(range(256)) * 100)
