"""Files that are as bad as their size lets them be, each in one way: a list or a mapping made long, a name, a nesting.

A shape makes the text of about a given number of characters. Whatever takes more than n log n of a long file should
take it of one of these.
"""

from collections.abc import Callable, Iterator
from itertools import count

Shape = Callable[[int], bytes]

HEAD = "version: 1\nname: hostile\n"
RULE = f"{HEAD}rules:\n  - action: deny\n"
NAMES = ("PSCI_CPU_ON", "PSCI_CPU_OFF/32", "TRNG_RND/64", "PV_TIME_ST", "FFA_VERSION", "SDEI_VERSION")
SERVICES = ("psci", "trng", "sdei", "ffa", "pv-time", "vendor-hyp")
FIRST = 0x0200_0000
"""Of trusted OS calls that may be preempted: half a billion IDs of one service, in which nothing is wrong by itself."""


def _filled(head: str, item: Callable[[int], str], tail: str = "") -> Shape:
    """Return the shape of which ``item`` makes as many pieces as there is room for, from its number."""

    def shape(size: int) -> bytes:
        pieces = [head]
        room = size - len(head) - len(tail)
        for number in count():
            piece = item(number)
            room -= len(piece)
            if room < 0:
                break
            pieces.append(piece)
        return "".join((*pieces, tail)).encode()

    return shape


def _flow(head: str, item: Callable[[int], str], tail: str = "]\n") -> Shape:
    return _filled(head, lambda number: f"{', ' * (number > 0)}{item(number)}", tail)


def _block(head: str, item: Callable[[int], str], tail: str = "") -> Shape:
    return _filled(head, lambda number: f"{item(number)}\n", tail)


def _long(head: str, filling: str, tail: str = "\n") -> Shape:
    """Return the shape that repeats a filling in one place."""
    return _filled(head, lambda _: filling, tail)


def _one(number: int) -> str:
    return f"0x{FIRST + 2 * number:08X}"


def _range(number: int) -> str:
    first = FIRST + 0x100 * number
    return f"0x{first:08X}-0x{first + 0x80:08X}"


def _nested(number: int) -> str:
    return f"0x{FIRST + number:08X}-0x{0x1F00_0000 - number:08X}"


def _steps(number: int) -> str:
    return f"0x{FIRST + number:08X}+0x4000"


def _slip(number: int) -> str:
    name = NAMES[number % len(NAMES)].partition("/")[0]
    at = number % (len(name) - 1) + 1
    return f"{name[:at]}{chr(65 + number % 26)}{name[at:]}"


def _of(values: tuple[str, ...]) -> Callable[[int], str]:
    return lambda number: values[number % len(values)]


def _rule(body: Callable[[int], str]) -> Callable[[int], str]:
    return lambda number: f"  - {{action: {('deny', 'forward')[number % 2]}, {body(number)}}}"


def _in_rule(key: str, item: Callable[[int], str], more: str = "") -> dict[str, Shape]:
    """Return a list of a rule in both styles."""
    return {
        f"{key} in a line": _flow(f"{RULE}{more}    {key}: [", item),
        f"{key} line by line": _block(f"{RULE}{more}    {key}:\n", lambda number: f"      - {item(number)}"),
        f"{key} with comments": _block(
            f"{RULE}{more}    {key}:\n", lambda number: f"      # why\n      - {item(number)}  # {number}"
        ),
    }


def _named(prefix: str, shapes: dict[str, Shape]) -> dict[str, Shape]:
    return {f"{prefix}: {name}": shape for name, shape in shapes.items()}


RULES: dict[str, Shape] = {
    "rules apart": _block(f"{HEAD}rules:\n", _rule(lambda n: f"ranges: [{_range(n)}]")),
    "rules with names and reasons": _block(
        f"{HEAD}rules:\n",
        lambda n: f"  - name: rule-{n}\n    action: deny\n    ranges: [{_range(n)}]\n    reason: because of {n}",
    ),
    "rules with one name": _block(f"{HEAD}rules:\n", _rule(lambda n: f"name: same, ranges: [{_range(n)}]")),
    "rules on six services": _block(f"{HEAD}rules:\n", _rule(lambda _: f"services: [{', '.join(SERVICES)}]")),
    "rules on one call": _block(f"{HEAD}rules:\n", _rule(lambda _: "calls: [PSCI_CPU_ON]")),
    "rules on one ID": _block(f"{HEAD}rules:\n", _rule(lambda _: "ranges: [0x84000003]")),
    "rules on everything": _block(f"{HEAD}rules:\n", _rule(lambda _: "ranges: [0x00000000-0xFFFFFFFF]")),
    "rules on nested ranges": _block(f"{HEAD}rules:\n", _rule(lambda n: f"ranges: [{_nested(n)}]")),
    "rules on overlapping ranges": _block(f"{HEAD}rules:\n", _rule(lambda n: f"ranges: [{_steps(n)}]")),
    "rules that cut one range": _filled(
        f"{HEAD}rules:\n",
        lambda n: _rule(lambda _: f"ranges: [{_one(n)}]")(n) + "\n",
        "  - {action: deny, ranges: [0x02000000-0x1F000000]}\n" * 20,
    ),
    "rules that cut everything": _filled(
        f"{HEAD}rules:\n",
        lambda n: "".join(
            _rule(body)(n) + "\n" for body in (lambda _: f"ranges: [{_one(n)}]", lambda _: "services: [tos]")
        ),
    ),
    "rules with exceptions": _block(
        f"{HEAD}rules:\n", _rule(lambda n: f"ranges: [{_range(n)}], except: {{ranges: [{_one(128 * n + 3)}]}}")
    ),
    "rules on services with exceptions": _block(
        f"{HEAD}rules:\n", _rule(lambda n: f"services: [psci], except: {{ranges: [0x{0x84000000 + n % 32:08X}]}}")
    ),
    "rules with allowances": _block(
        f"{HEAD}rules:\n", _rule(lambda n: f"ranges: [{_one(n)}], allow: [{{code: A305, reason: r}}]")
    ),
    "rules that are empty": _block(f"{HEAD}rules:\n", _rule(lambda _: "ranges: []")),
    "rules that select nothing": _block(f"{HEAD}rules:\n", lambda _: "  - {action: deny}"),
    "rules without an action": _block(f"{HEAD}rules:\n", lambda n: f"  - {{ranges: [{_one(n)}]}}"),
    "rules that are numbers": _flow(f"{HEAD}rules: [", lambda _: "1"),
    "rules that are null": _block(f"{HEAD}rules:\n", lambda _: "  -"),
    "rules with wrong keys": _block(f"{HEAD}rules:\n", _rule(lambda n: f"rnages: [{_one(n)}]")),
    "rules with wrong actions": _block(f"{HEAD}rules:\n", lambda n: f"  - {{action: denny, ranges: [{_one(n)}]}}"),
    "rules as the default": _block(
        f"{HEAD}default: deny\nrules:\n", lambda n: f"  - {{action: deny, ranges: [{_one(n)}]}}"
    ),
    "rules that handle": _block(
        f"{HEAD}rules:\n", lambda n: f"  - {{action: handle, ranges: [0x{0x86000000 + 2 * n:08X}]}}"
    ),
    "rules that forward": _block(
        f"{HEAD}rules:\n", lambda n: f"  - {{action: forward, ranges: [0x{0x86000000 + 2 * n:08X}]}}"
    ),
    "rules on psci calls": _block(f"{HEAD}rules:\n", _rule(lambda n: f"ranges: [0x{0x84000000 + 2 * n:08X}]")),
}

ITEMS: dict[str, Shape] = {
    **_in_rule("ranges", _range),
    **_in_rule("calls", _of(NAMES)),
    **_in_rule("services", _of(SERVICES)),
    **_named("one IDs", _in_rule("ranges", _one)),
    **_named("nested", _in_rule("ranges", _nested)),
    **_named("same", _in_rule("ranges", lambda _: "0x84000003")),
    **_named("unknown IDs", _in_rule("ranges", lambda n: f"0x{0x84000100 + 2 * n:08X}")),
    **_named("reserved IDs", _in_rule("ranges", lambda n: f"0x{0x80000000 + n % 0x10000:08X}")),
    **_named("hinted IDs", _in_rule("ranges", lambda n: f"0x{0x84010000 + n % 0x10000:08X}")),
    **_named("odd IDs", _in_rule("ranges", lambda n: f"0x{0x84FE0000 + n % 0x10000:08X}")),
    **_named("crossing", _in_rule("ranges", lambda n: f"0x{0x84FFFFFF - n:08X}+{2 * n + 2}")),
    **_named("decimal", _in_rule("ranges", lambda n: f"{FIRST + 2 * n}")),
    **_named("decimal ranges", _in_rule("ranges", lambda n: f"{FIRST + 4 * n}-{FIRST + 4 * n + 1}")),
    **_named("quoted decimal", _in_rule("ranges", lambda n: f'"{FIRST + 2 * n}"')),
    **_named("empty", _in_rule("ranges", lambda n: f"{_one(n)}+0")),
    **_named("wrapping", _in_rule("ranges", lambda n: f"{_one(n)}-0x00000001")),
    **_named("words", _in_rule("ranges", lambda _: "word")),
    **_named("bare", _in_rule("ranges", lambda n: f"{_one(n)[2:]}")),
    **_named("true", _in_rule("ranges", lambda _: "true")),
    **_named("lists", _in_rule("ranges", lambda _: "[]")),
    **_named("misspelt", _in_rule("calls", _slip)),
    **_named("IDs as", _in_rule("calls", lambda n: f"0x{0x84000000 + n % 32:08X}")),
    **_named("long unknown", _in_rule("calls", lambda n: f"{'X' * 80}{n}")),
    **_named("wrong forms of", _in_rule("calls", lambda _: "PSCI_CPU_ON/16")),
    **_named("misspelt", _in_rule("services", lambda n: f"psc{chr(97 + n % 26)}")),
    "excepted ranges": _flow(f"{RULE}    ranges: [0x02000000-0x1F000000]\n    except:\n      ranges: [", _range),
    "excepted alike": _flow(f"{RULE}    ranges: [0x02000000-0x1F000000]\n    except:\n      ranges: [", _nested),
    "excepted calls": _flow(f"{RULE}    services: [psci]\n    except:\n      calls: [", _of(NAMES)),
    "excepted from many": lambda size: (
        f"{RULE}    ranges: [{', '.join(_one(n) for n in range(size // 24))}]\n"
        f"    except:\n      ranges: [{', '.join(_one(n) for n in range(size // 24))}]\n"
    ).encode(),
    "excepted from services": lambda size: (
        f"{RULE}    services: [{', '.join(SERVICES[n % 6] for n in range(size // 18))}]\n"
        f"    except:\n      ranges: [{', '.join(f'0x{0x86000000 + 2 * n:08X}' for n in range(size // 24))}]\n"
    ).encode(),
}

BESIDE: dict[str, Shape] = {
    "tests that hold": _block(f"{HEAD}tests:\n", lambda n: f"  - {{call: {_one(n)}, expect: handle}}"),
    "tests that fail": _block(f"{HEAD}tests:\n", lambda n: f"  - {{call: {_one(n)}, expect: deny}}"),
    "tests of names": _block(f"{HEAD}tests:\n", lambda n: f"  - {{call: {NAMES[n % 6]}, expect: deny}}"),
    "tests of decimals": _block(f"{HEAD}tests:\n", lambda n: f"  - {{call: {FIRST + n}, expect: deny}}"),
    "tests of misspelt names": _block(f"{HEAD}tests:\n", lambda n: f"  - {{call: {_slip(n)}, expect: deny}}"),
    "allowances of one code": _block(f"{HEAD}allow:\n", lambda n: f"  - {{code: A305, reason: r{n}}}"),
    "allowances of unknown codes": _block(f"{HEAD}allow:\n", lambda n: f"  - {{code: X{n % 1000:03}, reason: r}}"),
    "allowances of errors": _block(f"{HEAD}allow:\n", lambda _: "  - {code: R201, reason: r}"),
    "allowances of each other": _block(f"{HEAD}allow:\n", lambda _: "  - {code: P107, reason: r}"),
    "allowances and findings": lambda size: (
        f"{HEAD}allow: [{', '.join('{code: A302, reason: r}' for _ in range(size // 48))}]\nrules:\n"
        f"  - {{action: deny, ranges: [{', '.join(f'0x{0x84000100 + 2 * n:08X}' for n in range(size // 48))}]}}\n"
        + "".join(f"  - {{action: deny, ranges: [0x{0x87000100 + 2 * n:08X}]}}\n" for n in range(size // 84))
    ).encode(),
    "allowances of one rule": _flow(
        f"{RULE}    ranges: [0x84000100]\n    allow: [", lambda _: "{code: A305, reason: r}"
    ),
    "firmware bits": _flow(f"{HEAD}firmware:\n  std: [", lambda _: "trng"),
    "wrong firmware bits": _flow(f"{HEAD}firmware:\n  std: [", lambda n: f"trn{chr(97 + n % 26)}"),
    "kernels": _flow(f"{HEAD}target:\n  kernels: [", lambda n: f'"6.{n % 16 + 4}"'),
    "stable kernels": _flow(f"{HEAD}target:\n  kernels: [", lambda n: f'"6.12.{n}"'),
    "stable kernels and rules": lambda size: (
        f"{HEAD}target:\n  kernels: [{', '.join(f'{chr(34)}6.12.{n}{chr(34)}' for n in range(size // 24))}]\nrules:\n"
        + "".join(f"  - {{action: deny, ranges: [0x{0x84000000 + 2 * n:08X}]}}\n" for n in range(size // 84))
    ).encode(),
    "unknown kernels": _flow(f"{HEAD}target:\n  kernels: [", lambda n: f'"9.{n}"'),
    "kernels as numbers": _flow(f"{HEAD}target:\n  kernels: [", lambda n: f"6.{n}"),
    "capabilities": _flow(f"{HEAD}target:\n  capabilities: [", lambda _: "system_suspend"),
    "wrong capabilities": _flow(f"{HEAD}target:\n  capabilities: [", lambda _: "sytem_suspend"),
    "unknown fields": _block(HEAD, lambda n: f"field{n}: 1"),
    "misspelt fields": _block(HEAD, lambda n: f"rules{n}: 1"),
    "unknown fields of a rule": _block(f"{RULE}    ranges: [0x02000000]\n", lambda n: f"    ranges{n}: 1"),
    "unknown fields of target": _block(f"{HEAD}target:\n", lambda n: f"  kernel{n}: 1"),
    "equal keys": _block(HEAD, lambda _: "rules: []"),
    "equal keys in rules": _block(f"{HEAD}rules:\n", lambda _: "  - {action: deny, action: deny}"),
}

TEXT: dict[str, Shape] = {
    "empty": lambda _: b"",
    "long name": _long("version: 1\nname: ", "a"),
    "long wrong name": _long("version: 1\nname: ", "A_"),
    "long description": _long(f"{HEAD}description: ", "word "),
    "long quoted description": _long(f'{HEAD}description: "', "\\u00e9", '"\n'),
    "long wide description": _long(f"{HEAD}description: ", "\u754c"),
    "description of lines": _long(f"{HEAD}description:\n", "  word\n"),
    "description in a block": _long(f"{HEAD}description: |\n", "  word\n"),
    "description of blanks": _long(f"{HEAD}description: |\n", "\n"),
    "description in quotes of lines": _long(f"{HEAD}description: '", "\n\n  word", "'\n"),
    "long key": _long(HEAD, "k", ": 1\n"),
    "long quoted key": _long(f'{HEAD}"', "k", '": 1\n'),
    "long range": _long(f"{RULE}    ranges: [0x", "0", "]\n"),
    "long separated range": _long(f"{RULE}    ranges: [0x0", "_0", "_]\n"),
    "long decimal range": _long(f"{RULE}    ranges: [", "9", "]\n"),
    "long quoted decimal": _long(f'{RULE}    ranges: ["', "9", '"]\n'),
    "long count": _long(f"{RULE}    ranges: [0x84000000+", "9", "]\n"),
    "long call": _long(f"{RULE}    calls: [", "PSCI_", "]\n"),
    "long call in parts": _long(f"{RULE}    calls: [", "A/", "]\n"),
    "long service": _long(f"{RULE}    services: [", "psci-", "]\n"),
    "long action": _long(f"{HEAD}rules:\n  - action: ", "deny", "\n"),
    "long kernel": _long(f'{HEAD}target:\n  kernels: ["6.', "1", '"]\n'),
    "long version": _long("version: ", "1", "\nname: hostile\n"),
    "long float": _long("version: 1.", "1", "\nname: hostile\n"),
    "long test": _long(f"{HEAD}tests:\n  - {{expect: deny, call: 0x", "0", "}\n"),
    "long rule's name": _long(f"{HEAD}rules:\n  - action: deny\n    ranges: [0x84000003, 0x84000003]\n    name: ", "n"),
    "long reason": _long(f"{RULE}    ranges: [0x84000003]\n    reason: >\n", "      why not\n"),
    "comments alone": _long("", "# nothing\n", ""),
    "comments before": _long("", "# nothing\n", f"{RULE}    ranges: [0x84000100, 0x84000100]\n"),
    "comments in a list": _long(f"{RULE}    ranges:\n      - 0x84000100\n", "      # c\n", "      - 0x84000100\n"),
    "long comment": _long(f"{RULE}    ranges: [0x84000100, 0x84000100] # ", "c"),
    "blank lines": _long(HEAD, "\n", "rules: []\n"),
    "blanks": _long(HEAD, " ", "\nrules: []\n"),
    "tabs": _long(HEAD, "\t", "\nrules: []\n"),
    "tabs between": _block(f"{HEAD}rules:\n", lambda n: f"  - {{action:\tdeny,\tranges: [{_range(n)}]}}"),
    "carriage returns": lambda size: RULES["rules apart"](size * 58 // 59).replace(b"\n", b"\r\n"),
    "old line ends": lambda size: RULES["rules apart"](size).replace(b"\n", b"\r"),
    "brackets": _long(HEAD + "rules: ", "[", ""),
    "braces": _long(HEAD + "rules: ", "{a: ", ""),
    "dashes": _long(HEAD + "rules:\n ", "- ", "1\n"),
    "question marks": _long("", "? ", ""),
    "closed brackets": _long(HEAD + "rules: [", "[],", "]\n"),
    "quotes": _long(HEAD + "rules: ", "'", ""),
    "commas": _long(HEAD + "rules: [", ",", "]\n"),
    "colons": _long(HEAD, ": ", ""),
    "anchors": _flow(f"{HEAD}rules: [", lambda n: f"&a{n} 1"),
    "aliases": _flow(f"{HEAD}description: &a word\nrules: [", lambda _: "*a"),
    "long anchor": _long(f"{HEAD}rules: &", "a", " []\n"),
    "tags": _flow(f"{HEAD}rules: [", lambda _: "!t 1"),
    "merge keys": _block(HEAD, lambda _: "<<: {}"),
    "documents": _long(HEAD, "---\n", ""),
    "ends": _long(HEAD, "...\n", ""),
    "directives": _long("", "%YAML 1.2\n", f"---\n{HEAD}"),
    "odd directives": _long("", "%FOO bar\n", f"---\n{HEAD}"),
    "no UTF-8": lambda size: HEAD.encode() + b"\xff" * (size - len(HEAD)),
    "NUL bytes": lambda size: HEAD.encode() + b"\0" * (size - len(HEAD)),
    "ones": lambda size: b"1" * size,
    "letters": lambda size: b"a" * size,
    "JSON": lambda size: (
        '{"version": 1, "name": "hostile", "rules": ['
        + ", ".join(f'{{"action": "deny", "ranges": ["{_range(n)}"]}}' for n in range(size // 64))
        + "]}"
    ).encode(),
}

SHAPES: dict[str, Shape] = {**RULES, **ITEMS, **BESIDE, **TEXT}
"""Policies by what is long in them."""


def entries(number: int) -> Iterator[tuple[int, int, int]]:
    """Yield base, count and action of filter entries that KVM takes."""
    yield from ((FIRST + 4 * n, 1 + n % 2, 1 + n % 2) for n in range(number))
