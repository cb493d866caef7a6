"""What policies and artefacts decide, read without the tool's readers, resolution or backends.

Everything here is the shortest program that can be right of what was drawn; what it can't judge is ``None``.
"""

import json
import re
from collections.abc import Iterable, Sequence

from smccc_filter.language.source import plain, read
from smccc_filter.smccc import registry
from tests.programs.fuzz.artefacts import ENTRY

SPACE = 1 << 32
RESERVED = ((0x80000000, 0x80010000), (0xC0000000, 0xC0010000))
"""What KVM keeps for itself: the Arm Architecture calls, and their SMC64 twins."""
ACTIONS = ("handle", "deny", "forward")
C_ACTIONS = {"KVM_SMCCC_FILTER_HANDLE": 0, "KVM_SMCCC_FILTER_DENY": 1, "KVM_SMCCC_FILTER_FWD_TO_USER": 2}

Segment = tuple[int, int, str]
"""Half-open, and its action."""
Row = tuple[str, str, str]

C_ROW = re.compile(r"^    \{ \.base = (.*), \.nr_functions = (.*), \.action = (.*) \},$")
RUST_ROW = re.compile(r"^    kvm_smccc_filter \{ base: (.*), nr_functions: (.*), action: (.*), pad: \[0; 15\] \},$")
C_NUMBER = re.compile(
    r"(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|(0[0-7]*)|([1-9][0-9]*))(?:[uU]?(?:l|L|ll|LL)?|(?:l|L|ll|LL)[uU])"
)
RUST_NUMBER = re.compile(
    r"(?:0x(_*[0-9a-fA-F][0-9a-fA-F_]*)|0b(_*[01][01_]*)|0o(_*[0-7][0-7_]*)|([0-9][0-9_]*))"
    r"(?:[iu](?:8|16|32|64|128|size))?"
)
WHITE_SPACE = {"c": " \t\v\f", "rust": " \t\v\f\r\x85\u200e\u200f\u2028\u2029"}
"""Within a line; Rust's is Unicode's Pattern_White_Space, to which the space without a break does not belong."""
TOKEN = re.compile(r"[0-9][0-9A-Za-z_]*")


class NotANumberError(Exception):
    """A text that no compiler takes for a number, so that whatever holds it must be refused."""


def of_policy(data: bytes) -> list[Segment] | None:
    """Return what a policy without faults decides beside its default, which comes last."""
    root = read(data).root
    policy = plain(root) if root else None
    if not isinstance(policy, dict):
        return None
    segments: list[Segment] = [(*reserved, "handle") for reserved in RESERVED]
    for rule in policy.get("rules", ()):
        taken = _selected(rule)
        for start, stop in _selected(rule.get("except", {})):
            taken = [part for one in taken for part in _less(one, start, stop)]
        segments += [(start, stop, rule["action"]) for start, stop in taken]
    return [*segments, (0, SPACE, policy.get("default", "handle"))]


def _selected(rule: dict[str, list[str]]) -> list[tuple[int, int]]:
    calls = [ids for name in rule.get("calls", ()) for ids in registry.by_name(name) or ()]
    services = (registry.service(name) for name in rule.get("services", ()))
    owned = [(first, last + 1) for service in services if service for first, last in service.ranges]
    return [*calls, *owned, *map(_range, rule.get("ranges", ()))]


def _range(text: str) -> tuple[int, int]:
    first, sign, rest = re.split("([-+])", text, maxsplit=1) if re.search("[-+]", text) else (text, "", "")
    start = int(first, 16)
    if sign == "-":
        return start, int(rest, 16) + 1
    return start, start + (int(rest, 16 if rest[:2].lower() == "0x" else 10) if rest else 1)


def _less(one: tuple[int, int], start: int, stop: int) -> list[tuple[int, int]]:
    parts = ((one[0], min(one[1], start)), (max(one[0], stop), one[1]))
    return [part for part in parts if part[0] < part[1]]


def of_blob(data: bytes) -> list[Segment]:
    """Return what the entries of a blob decide; KeyError and IndexError tell of one that KVM refuses."""
    entries = [(base, base + count, ACTIONS[action]) for base, count, action, _ in ENTRY.iter_unpack(data)]
    return [*entries, (0, SPACE, "handle")]


def of_json(data: bytes) -> list[Segment]:
    """Return what the entries of a JSON artefact decide."""
    entries = [(int(one["base"], 16), one["nr_functions"], one["action"]) for one in json.loads(data)["filter"]]
    return [*((base, base + count, action) for base, count, action in entries), (0, SPACE, "handle")]


def of_source(data: bytes, language: str) -> list[Segment] | None:
    """Return what a drawn C or Rust source decides; ``None`` where something is no plain number.

    Raises NotANumberError for what no compiler takes.
    """
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError:
        return None
    pattern = C_ROW if language == "c" else RUST_ROW
    rows: list[Row] = []
    for line in lines:
        if found := pattern.match(line):
            rows.append((found[1], found[2], found[3]))
        elif line and line not in {"};", "];", "#include <linux/kvm.h>"} and "kvm_smccc_filter" not in line:
            return None
    segments: list[Segment] = []
    for row in rows:
        base, count, action = (number(text, language) for text in row)
        if base is None or count is None or action is None or action >= len(ACTIONS):
            return None
        segments.append((base, base + count, ACTIONS[action]))
    return [*segments, (0, SPACE, "handle")]


def number(text: str, language: str) -> int | None:
    """Read a number as a compiler does; ``None`` for what is another expression."""
    text = text.strip(WHITE_SPACE[language])
    if language == "c" and text in C_ACTIONS:
        return C_ACTIONS[text]
    if match := (C_NUMBER if language == "c" else RUST_NUMBER).fullmatch(text):
        digits, base = next((d, base) for d, base in zip(match.groups(), (16, 2, 8, 10), strict=True) if d)
        return int(digits.replace("_", "")[:4000], base)
    if TOKEN.fullmatch(text) or (text[:1].isdigit() and not text.isascii()):
        raise NotANumberError(text)
    return None


def same(one: Sequence[Segment], other: Sequence[Segment]) -> bool:
    """Tell whether two readings decide alike wherever one of them can change."""
    edges = {point for start, stop, _ in (*one, *other) for point in (start, start - 1, stop, stop - 1)}
    return all(_decided(one, point) == _decided(other, point) for point in edges if 0 <= point < SPACE)


def _decided(segments: Iterable[Segment], point: int) -> str:
    return next(action for start, stop, action in segments if start <= point < stop)
