"""Policies and what looks like them: bytes, words of YAML, trees, and policies that people wrote with parts changed."""

import json
import math
from typing import Any

from hypothesis import strategies as st

from smccc_filter.kvm.uapi import FIRMWARE_REGISTERS, PSCI_VERSIONS
from smccc_filter.language.policy.language import ACTIONS, CAPABILITIES, EVERY_CALL, fields
from smccc_filter.smccc import registry
from tests.paths import POLICIES

SHIPPED = sorted(POLICIES.glob("*.smccc.yaml"))
FIELDS = sorted({field for names in fields().values() for field in names})
CALLS = [name for name in sorted(registry.all_names()) if registry.by_name(name)]
FORMS = [form for name in CALLS for form in (f"{name}/32", f"{name}/64") if registry.by_name(form)]
SERVICES = sorted(service.name for service in registry.services())
KERNELS = ("6.4", "6.12", "6.12.111", "6.12.112", "6.18", "7.2", "7.3")
CODES = ("R205", "R206", "A301", "A303", "A304", "A305", "A306", "F501", "G602")
EDGES = (0, 1, 0x7FFFFFFF, 0x80000000, 0x8000FFFF, 0x84000000, 0x8400001F, 0xC1000000, 0xC6000040, 0xFFFFFFFF)
WORDS = (
    *("- ", ": ", ":", ", ", "[", "]", "{", "}", "\n", "\n  ", "\n    ", "\n- ", "\t", "\r\n", "\r", " ", "  "),
    *(
        "&a ",
        "*a",
        "!!str ",
        "!x ",
        "<<",
        "? ",
        "|",
        ">",
        "|-\n",
        "'",
        '"',
        "#",
        " # ",
        "---\n",
        "...\n",
        "%YAML 1.2\n",
    ),
    *("~", "null", "true", "1", "-1", "1.5", ".nan", ".inf", "0x84000003", "2214592515", "4294967296", "\\", "\\x01"),
    *(
        "version: 1\n",
        "name: a\n",
        "rules:\n",
        "\x00",
        "\x1b",
        "\x7f",
        "\x85",
        "\u2028",
        "\ufeff",
        "\U0001f642",
        "\u0301",
    ),
    *FIELDS,
    *ACTIONS,
    *CALLS[:8],
    *SERVICES[:8],
)

HEAD = b"version: 1\nname: a\n"

words = st.lists(st.sampled_from(WORDS), max_size=60).map("".join)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(WORDS),
    st.sampled_from(FIELDS),
)
trees: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=20,
)

ids = st.sampled_from(EDGES) | st.integers(0, 0xFFFFFFFF) | st.integers(0x84000000, 0x84000200)
hexadecimal = st.builds(
    lambda number, style: style.format(number), ids, st.sampled_from(("0x{:08X}", "0x{:x}", "0X{:_X}"))
)
ranges = st.one_of(
    hexadecimal,
    st.builds(lambda start, size: f"0x{start:08X}-0x{min(start + size, 0xFFFFFFFF):08X}", ids, st.integers(0, 0x20000)),
    st.builds("{}+{}".format, hexadecimal, st.integers(1, 0x100)),
    st.builds("{}+{:#x}".format, hexadecimal, st.sampled_from((1, 0x20, 0x10000))),
)
odd_ranges = st.one_of(
    st.builds("{}-{}".format, hexadecimal, hexadecimal),
    st.builds("{}+{}".format, hexadecimal, st.sampled_from((0, 0xFFFFFFFF, 1 << 32))),
)
calls = st.sampled_from(CALLS) | st.sampled_from(FORMS)
text = st.text(st.sampled_from("abcXYZ019 [red]{}:#'\"\\%\u00e9\u4e16\u202e\U0001f642"), max_size=10)


def _some(item: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(item, min_size=1, max_size=4)


selectors = {"calls": _some(calls), "ranges": _some(ranges), "services": _some(st.sampled_from(SERVICES))}
allowances = st.lists(
    st.fixed_dictionaries({"code": st.sampled_from(CODES), "reason": text.map("because {}".format)}), max_size=2
)


versions = st.sampled_from(list(PSCI_VERSIONS))
vmm_parts = st.fixed_dictionaries(
    {"implements": st.just(EVERY_CALL) | _some(calls)},
    optional={
        "version": versions | st.dictionaries(st.sampled_from(SERVICES), versions, min_size=1, max_size=2),
        "features": st.dictionaries(calls, st.integers(0, 9) | st.sampled_from(("0x2", "0XF")), min_size=1, max_size=2),
    },
)


@st.composite
def selections(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a mapping that selects something by at least one of the three keys."""
    return {key: draw(selectors[key]) for key in sorted(draw(st.sets(st.sampled_from(sorted(selectors)), min_size=1)))}


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a rule of the right shape."""
    optional = {
        "name": st.sampled_from(("a", "b", "[red]", "\u4e16")),
        "except": selections(),
        "reason": text,
        "allow": allowances,
    }
    required = {"action": st.sampled_from(list(ACTIONS))}
    rule = draw(st.fixed_dictionaries(required, optional=optional)) | draw(selections())
    if rule["action"] == "forward" and draw(st.booleans()):
        rule["vmm"] = draw(vmm_parts)
    return rule


policies = st.fixed_dictionaries(
    {"version": st.just(1), "name": st.sampled_from(("a", "a-b", "z9"))},
    optional={
        "description": text,
        "target": st.fixed_dictionaries(
            {},
            optional={
                "kernels": _some(st.sampled_from(KERNELS)),
                "psci": st.sampled_from(list(PSCI_VERSIONS)),
                "capabilities": st.lists(st.sampled_from(list(CAPABILITIES)), max_size=2),
                "stolen_time": st.booleans(),
                "protected": st.booleans(),
                "nested": st.booleans(),
                "aarch32": st.booleans(),
            },
        ),
        "firmware": st.fixed_dictionaries(
            {},
            optional={known.key: st.lists(st.sampled_from(known.bits), max_size=3) for known in FIRMWARE_REGISTERS},
        ),
        "default": st.sampled_from(list(ACTIONS)),
        "rules": st.lists(rules(), max_size=6),
        "tests": st.lists(
            st.fixed_dictionaries({"call": calls | hexadecimal, "expect": st.sampled_from(list(ACTIONS))}), max_size=3
        ),
        "allow": allowances,
    },
)


@st.composite
def flawed(draw: st.DrawFn) -> Any:  # noqa: ANN401 -- any tree
    """Draw a policy in which a few parts are replaced by others, or gone."""
    tree = draw(policies)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(_owners(tree))))
        key = draw(st.sampled_from(sorted(path, key=str) if isinstance(path, dict) else range(len(path))))
        if draw(st.booleans()):
            path[key] = draw(trees | odd_ranges)
        else:
            del path[key]
        if not tree:
            break
    return tree


def _owners(tree: Any) -> list[Any]:  # noqa: ANN401
    """Return every mapping and list of a tree that holds something."""
    if not isinstance(tree, dict | list) or not tree:
        return []
    inner = tree.values() if isinstance(tree, dict) else tree
    return [tree, *(owner for value in inner for owner in _owners(value))]


def write(tree: Any, *, block: bool) -> bytes:  # noqa: ANN401
    """Write a tree as YAML, in block style or in one line."""
    return "\n".join([*(_block(tree, "") if block else [_flow(tree)]), ""]).encode(errors="surrogatepass")


def _block(tree: Any, indent: str) -> list[str]:  # noqa: ANN401
    if isinstance(tree, dict) and tree:
        heads = [(f"{indent}{_flow(key)}:", value) for key, value in tree.items()]
    elif isinstance(tree, list) and tree:
        heads = [(f"{indent}-", value) for value in tree]
    else:
        return [indent + _flow(tree)]
    lines = []
    for head, value in heads:
        if isinstance(value, dict | list) and value:
            lines += [head, *_block(value, indent + "  ")]
        else:
            lines.append(f"{head} {_flow(value)}")
    return lines


def _flow(tree: Any) -> str:  # noqa: ANN401
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(value)}" for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return f"[{', '.join(map(_flow, tree))}]"
    if isinstance(tree, str) and tree.replace("_", "").replace("-", "").replace("+", "").isalnum() and tree.isascii():
        return tree
    if isinstance(tree, float) and not math.isfinite(tree):
        return ".nan" if math.isnan(tree) else ".inf" if tree > 0 else "-.inf"
    return json.dumps(tree, ensure_ascii=False)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Draw a shipped policy with a few pieces taken out, doubled, exchanged or put in."""
    text = draw(st.sampled_from(SHIPPED)).read_text(encoding="utf-8")
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from((0, 1, 2, 8, 40, 400))))
        piece = draw(
            st.sampled_from((text[start:end] * 2, "", text[start:end].swapcase()))
            | st.sampled_from(WORDS)
            | ranges
            | odd_ranges
        )
        text = text[:start] + piece + text[end:]
    data = text.encode()
    return data[: draw(st.integers(0, len(data)))] if draw(st.integers(0, 9)) == 0 else data


@st.composite
def rearranged(draw: st.DrawFn) -> bytes:
    """Draw a shipped policy with lines doubled, dropped, moved, indented or taken from another."""
    lines = draw(st.sampled_from(SHIPPED)).read_text(encoding="utf-8").splitlines(keepends=True)
    others = draw(st.sampled_from(SHIPPED)).read_text(encoding="utf-8").splitlines(keepends=True)
    for _ in range(draw(st.integers(1, 4))):
        taken = len(lines) > 0 and draw(st.booleans())
        line = lines.pop(draw(st.integers(0, len(lines) - 1))) if taken else draw(st.sampled_from(others))
        if draw(st.booleans()):
            indent = draw(st.sampled_from(("", "  ", "    ", "- ", "# ")))
            lines.insert(draw(st.integers(0, len(lines))), indent + line.lstrip())
    return "".join(lines).encode()
