"""Policies drawn at random: right ones, ones with parts replaced, and ones in which words and numbers are nearly right.

Written with ``random`` and not with hypothesis, which takes longer to draw a policy than the tool to examine it.
"""

import json
import math
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS, PSCI_VERSIONS
from smccc_filter.language.policy.language import ACTIONS, CAPABILITIES
from tests.programs.fuzz.nearly import NUMBERS, nearly
from tests.programs.fuzz.strategies import CALLS, CODES, EDGES, FIELDS, FORMS, KERNELS, SERVICES, SHIPPED, WORDS

Tree = Any
"""A tree of YAML: mappings, lists and scalars."""
Drawn = dict[str, Callable[[], Tree]]
"""What draws the value of a key."""

SOURCES = tuple(path.read_text(encoding="utf-8") for path in SHIPPED)
LETTERS = "abcXYZ019 [red]{}:#'\"\\%\u00e9\u4e16\u202e\U0001f642"


class RawText(str):
    """A scalar that is written as it is, without the quotes that it may need."""

    __slots__ = ()


def prose(random: Random) -> str:
    return "".join(random.choices(LETTERS, k=random.randrange(12)))


def fid(random: Random) -> int:
    return random.choice((random.choice(EDGES), random.getrandbits(32), 0x84000000 + random.randrange(0x200)))


def hexadecimal(random: Random) -> str:
    return random.choice(("0x{:08X}", "0x{:08X}", "0x{:x}", "0X{:_X}")).format(fid(random))


def id_range(random: Random) -> str:
    """Draw a range of IDs as a policy has it, mostly one that a kernel takes."""
    start = fid(random)
    match random.randrange(6):
        case 0:
            return hexadecimal(random)
        case 1:
            return f"0x{start:08X}-0x{min(start + random.randrange(0x20000), 0xFFFFFFFF):08X}"
        case 2:
            return f"{hexadecimal(random)}+{random.randrange(1, 0x100)}"
        case 3:
            return f"0x{start:X}+{random.choice((1, 0x1F, 0x20, 0xFF, 0x10000)):#x}"
        case 4:
            return f"{hexadecimal(random)}-{hexadecimal(random)}"
        case _:
            return f"{hexadecimal(random)}+{random.choice((0, 1, 0xFFFFFFFF, 1 << 32))}"


def call(random: Random) -> str:
    return random.choice((random.choice(CALLS), random.choice(FORMS)))


def _some(random: Random, draw: Any, least: int = 1) -> list[Tree]:  # noqa: ANN401
    return [draw(random) for _ in range(random.randrange(least, 4))]


def _allowances(random: Random) -> list[Tree]:
    return [{"code": random.choice(CODES), "reason": f"because {prose(random)}"} for _ in range(random.randrange(3))]


def _selection(random: Random) -> dict[str, Tree]:
    drawn = {"calls": call, "ranges": id_range, "services": lambda random: random.choice(SERVICES)}
    keys = random.sample(sorted(drawn), random.choice((1, 1, 2, 3)))
    return {key: _some(random, drawn[key]) for key in sorted(keys)}


def _rule(random: Random) -> dict[str, Tree]:
    rule: dict[str, Tree] = {"action": random.choice(list(ACTIONS)), **_selection(random)}
    optional: Drawn = {
        "name": lambda: random.choice(("a", "b", "[red]", "\u4e16")),
        "except": lambda: _selection(random),
        "reason": lambda: prose(random),
        "allow": lambda: _allowances(random),
    }
    if rule["action"] == "forward":
        optional["vmm"] = lambda: _vmm(random)
    return rule | {key: make() for key, make in optional.items() if random.random() < 0.25}


def _vmm(random: Random) -> dict[str, Tree]:
    """Draw what a VMM makes of calls, some of which its rule does not forward."""
    version = random.choice(("0.2", "1.0", "1.1", "9.9"))
    services = random.sample(("psci", "trng", "sdei", "ffa"), random.randrange(1, 3))
    optional: Drawn = {
        "version": lambda: random.choice((version, dict.fromkeys(sorted(services), version))),
        "features": lambda: {call(random): random.choice((0, 2, "0x1", "0xFFFFFFFF"))},
    }
    implements = random.choice(("all", _some(random, call)))
    return {"implements": implements} | {key: make() for key, make in optional.items() if random.random() < 0.5}


def _target(random: Random) -> dict[str, Tree]:
    made: dict[str, Tree] = {
        "kernels": _some(random, lambda random: random.choice(KERNELS)),
        "psci": random.choice(list(PSCI_VERSIONS)),
        "capabilities": random.sample(list(CAPABILITIES), random.randrange(2)),
        "stolen_time": random.random() < 0.5,
        "protected": random.random() < 0.2,
        "nested": random.random() < 0.2,
    }
    return {key: made[key] for key in sorted(random.sample(sorted(made), random.randrange(1, 4)))}


def policy(random: Random) -> dict[str, Tree]:
    """Draw a policy of the right shape."""
    bits = {known.key: known.bits for known in FIRMWARE_REGISTERS}
    firmware = {key: random.sample(bits[key], random.randrange(len(bits[key]) + 1)) for key in bits}
    optional: Drawn = {
        "description": lambda: prose(random),
        "target": lambda: _target(random),
        "firmware": lambda: {key: firmware[key] for key in random.sample(sorted(firmware), random.randrange(1, 3))},
        "default": lambda: random.choice(list(ACTIONS)),
        "tests": lambda: [
            {"call": random.choice((call, hexadecimal))(random), "expect": random.choice(list(ACTIONS))}
            for _ in range(random.randrange(1, 4))
        ],
        "allow": lambda: _allowances(random),
    }
    tree: dict[str, Tree] = {"version": 1, "name": random.choice(("a", "a-b", "z9"))}
    tree |= {key: make() for key, make in optional.items() if random.random() < 0.4}
    return tree | {"rules": [_rule(random) for _ in range(random.randrange(1, 5))]}


def scalar(random: Random) -> Tree:
    words: tuple[Tree, ...] = (None, True, False, 0, 1, -1, 1 << 32, 1.5, math.inf, math.nan, "")
    picked = (random.choice(words), random.choice(WORDS), random.choice(FIELDS), random.choice(NUMBERS), prose(random))
    return random.choice(picked)


def tree(random: Random, depth: int = 4) -> Tree:
    """Draw any tree."""
    kind = random.randrange(3) if depth else 0
    if kind == 1:
        return [tree(random, depth - 1) for _ in range(random.randrange(4))]
    if kind == 2:
        return {random.choice((*FIELDS, "", "<<")): tree(random, depth - 1) for _ in range(random.randrange(5))}
    return scalar(random)


def flawed(random: Random) -> Tree:
    """Draw a policy in which a few parts are replaced by others, or gone."""
    made = policy(random)
    for _ in range(random.randrange(1, 4)):
        owner, key = random.choice(list(_parts(made)))
        if random.random() < 0.7:
            owner[key] = random.choice((tree, id_range))(random)
        else:
            del owner[key]
        if not made:
            break
    return made


def near(random: Random) -> Tree:
    """Draw a policy in which words and numbers, keys too, are nearly right."""
    made = policy(random)
    for _ in range(random.choice((1, 1, 2, 4))):
        owner, key = random.choice([(o, k) for o, k in _parts(made) if not isinstance(o[k], dict | list)])
        if isinstance(owner, dict) and random.random() < 0.1:
            owner[nearly(random, key)] = owner.pop(key)
        else:
            text = nearly(random, f"{owner[key]}")
            owner[key] = RawText(text) if random.random() < 0.7 else text
    return made


def _parts(made: Tree) -> Iterator[tuple[Any, Any]]:
    """Yield where every part of a tree stands: the mapping or list that owns it, and its key or index there."""
    for key in list(made) if isinstance(made, dict) else range(len(made)):
        yield made, key
        if isinstance(made[key], dict | list):
            yield from _parts(made[key])


def write(random: Random, made: Tree) -> bytes:
    """Write a tree as YAML, in block style or in one line."""
    lines = list(_block(made, "")) if random.random() < 0.7 else [_flow(made)]
    return "\n".join([*lines, ""]).encode(errors="surrogatepass")


def _block(made: Tree, indent: str) -> Iterator[str]:
    if isinstance(made, dict) and made:
        heads = [(f"{indent}{_flow(key)}:", value) for key, value in made.items()]
    elif isinstance(made, list) and made:
        heads = [(f"{indent}-", value) for value in made]
    else:
        yield indent + _flow(made)
        return
    for head, value in heads:
        if isinstance(value, dict | list) and value:
            yield head
            yield from _block(value, indent + "  ")
        else:
            yield f"{head} {_flow(value)}"


def _flow(made: Tree) -> str:
    match made:
        case RawText():
            return str(made)
        case dict():
            return "{" + ", ".join(f"{_flow(key)}: {_flow(value)}" for key, value in made.items()) + "}"
        case list():
            return f"[{', '.join(map(_flow, made))}]"
        case str() if made.isascii() and made.replace("_", "").replace("-", "").replace("+", "").isalnum():
            return made
        case float() if not math.isfinite(made):
            return ".nan" if math.isnan(made) else ".inf" if made > 0 else "-.inf"
    return json.dumps(made, ensure_ascii=False)


def words(random: Random) -> bytes:
    """Draw words of YAML, one after the other."""
    head = random.choice(("", "version: 1\nname: a\n"))
    return (head + "".join(random.choices(WORDS, k=random.randrange(60)))).encode(errors="surrogatepass")


def mutated(random: Random) -> bytes:
    """Draw a shipped policy with a few pieces taken out, doubled, exchanged, nearly right or put in."""
    text = random.choice(SOURCES)
    for _ in range(random.randrange(1, 5)):
        start = random.randrange(len(text) + 1)
        end = min(len(text), start + random.choice((0, 1, 2, 8, 40, 400)))
        here = text[start:end]
        pieces = (here * 2, "", here.swapcase(), random.choice(WORDS), id_range(random), nearly(random, here))
        text = text[:start] + random.choice(pieces) + text[end:]
    data = text.encode(errors="surrogatepass")
    return data[: random.randrange(len(data) + 1)] if random.random() < 0.1 else data


def rearranged(random: Random) -> bytes:
    """Draw a shipped policy with lines doubled, dropped, moved, indented or taken from another."""
    lines = random.choice(SOURCES).splitlines(keepends=True)
    others = random.choice(SOURCES).splitlines(keepends=True)
    for _ in range(random.randrange(1, 5)):
        taken = len(lines) > 0 and random.random() < 0.5
        line = lines.pop(random.randrange(len(lines))) if taken else random.choice(others)
        if random.random() < 0.5:
            indent = random.choice(("", "  ", "    ", "- ", "# "))
            lines.insert(random.randrange(len(lines) + 1), indent + line.lstrip())
    return "".join(lines).encode()


def any_bytes(random: Random) -> bytes:
    size = random.randrange(300)
    return random.randbytes(size) if random.random() < 0.5 else prose(random).encode() * (size // 8)
