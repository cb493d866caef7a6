"""Makes a policy of a document: names become function IDs, texts become ranges, and every part keeps its place."""

from collections.abc import Iterator, Sequence
from typing import Any

from smccc_filter.kvm.uapi import Action
from smccc_filter.language.places import Path
from smccc_filter.language.policy import ranges, recognition, shape
from smccc_filter.language.policy.model import Allowance, Expectation, Policy, Rule, Selector, SelectorKind, Target
from smccc_filter.language.source import Document, DocumentFault, MappingNode, Node, SequenceNode
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import Intervals, union
from smccc_filter.words import cut, suggest

_ONE = "write one function ID; add an entry for each that matters"
MAX_SUGGESTIONS = 20
"""Unknown names in one file that get suggestions; comparing one with every known name takes milliseconds."""


def load(document: Document) -> tuple[Policy | None, tuple[DocumentFault, ...], Document]:
    """Return the policy that a document holds, its faults, and the document without its misshapen parts.

    Paths of the policy and of the faults are paths of the document that is returned. The policy is ``None`` when the
    document is not even a mapping, or not meant as a policy; then nothing of it may be quoted.
    """
    if not recognition.is_meant(document):
        fault = recognition.without_quotes(document)
        return None, (fault,), document._replace(root=None, faults=(), complete=False, may_be_quoted=False)
    data, faults, kept = shape.check(document)
    if data is None:
        return None, (*document.faults, *faults), kept
    loader = _Loader()
    policy = loader.policy(data, _ordinals(document, kept))
    return policy, (*document.faults, *faults, *loader.faults), kept


class _Loader:
    """Builds a policy from data of the right shape, noting what names nothing."""

    def __init__(self) -> None:
        self.faults: list[DocumentFault] = []
        self._suggestions = 0
        self._names: dict[str, Intervals | None] = {}

    def policy(self, data: dict[str, Any], ordinals: Sequence[int]) -> Policy:
        target = data.get("target", {})
        numbered = enumerate(zip(ordinals, data.get("rules", ()), strict=True))
        rules = tuple(self._rule(number, ordinal, rule) for number, (ordinal, rule) in numbered)
        self._unique_names(rules)
        return Policy(
            name=data["name"],
            description=data.get("description"),
            target=Target(
                kernels=tuple(target.get("kernels", ())),
                psci=target.get("psci"),
                capabilities=tuple(target.get("capabilities", ())),
                stolen_time=target.get("stolen_time", False),
                protected=target.get("protected", False),
                nested=target.get("nested", False),
                aarch32=target.get("aarch32", False),
            ),
            firmware={key: tuple(bits) for key, bits in data.get("firmware", {}).items()},
            default=Action(data.get("default", Action.HANDLE)),
            rules=rules,
            allow=_allowances(data, ()),
            tests=tuple(self._expectations(data)),
        )

    def _rule(self, number: int, ordinal: int, data: dict[str, Any]) -> Rule:
        path: Path = ("rules", number)
        return Rule(
            number=number,
            ordinal=ordinal,
            name=data.get("name"),
            action=Action(data["action"]),
            selectors=tuple(self._selectors(data, path)),
            exceptions=tuple(self._selectors(data.get("except", {}), (*path, "except"))),
            reason=data.get("reason"),
            allow=_allowances(data, path),
        )

    def _selectors(self, data: dict[str, Any], path: Path) -> Iterator[Selector]:
        readers = {
            SelectorKind.CALL: self._call_selector,
            SelectorKind.RANGE: self._range_selector,
            SelectorKind.SERVICE: self._service,
        }
        for key, items in data.items():
            if reader := readers.get(key):  # type: ignore[call-overload] # a SelectorKind is its key
                for number, text in enumerate(items):
                    if selector := reader(text, (*path, key, number)):
                        yield selector

    def _call_selector(self, text: str, path: Path) -> Selector | None:
        ids = self._call(text, path)
        return Selector(SelectorKind.CALL, text, path, ids) if ids else None

    def _range_selector(self, text: str, path: Path) -> Selector | None:
        written = ranges.parse(text)
        if written is None:
            self._malformed(text, path)
            return None
        return Selector(SelectorKind.RANGE, text, path, written.ids, written)

    def _service(self, text: str, path: Path) -> Selector | None:
        if service := registry.service(text):
            return Selector(
                SelectorKind.SERVICE, text, path, union((first, last + 1) for first, last in service.ranges)
            )
        names = [known.name for known in registry.services()]
        self._unknown(path, f"no service is called `{cut(text)}`", text, names, "see `smccc-filter list services`")
        return None

    def _call(self, text: str, path: Path) -> Intervals | None:
        if text not in self._names:
            self._names[text] = registry.by_name(text)
        ids = self._names[text]
        if ids:
            return ids
        name, slash, form = text.rpartition("/")
        if slash and (known := registry.by_name(name)):
            forms = " and ".join(f"0x{start:08X}" for start, _ in known)
            hint = f"write `{name}`, which is {forms}"
            self._fault("P104", path, f"`{name}` has no form `/{cut(form)}`", hint, instead=name)
        elif text[:2].lower() == "0x":
            hint = f"write it under `ranges`: [{cut(text)}]"
            self._fault("P104", path, f"`{cut(text)}` is an ID, not a name", hint, instead=_exact_name(text))
        elif registry.described(text):
            self._fault("P104", path, f"`{text}` has no function ID of its own", "write its IDs under `ranges`")
        else:
            self._unknown_call(text, path)
        return None

    def _unknown_call(self, text: str, path: Path) -> None:
        from smccc_filter.language.policy.malformed import meant_by_a_name

        message, meant = f"no call is called `{cut(text)}`", meant_by_a_name(text)
        if not meant:
            self._unknown(path, message, text, registry.all_names(), "see `smccc-filter list calls`")
        elif path[-1] != "call":
            self._fault("P104", path, message, f"did you mean `{meant}`? Write it under `ranges`")
        elif ranges.is_several(meant):
            self._fault("P104", path, message, f"did you mean `{meant}`, which is a range? {_ONE.capitalize()}")
        else:
            self._fault("P104", path, message, f"did you mean `{meant}`?", instead=meant)

    def _expectations(self, data: dict[str, Any]) -> Iterator[Expectation]:
        for number, test in enumerate(data.get("tests", ())):
            path: Path = ("tests", number)
            text = test["call"]
            at = (*path, "call")
            ids = self._one_id(text, at) if ranges.is_number(text) else self._call(text, at)
            if ids:
                yield Expectation(text, ids, Action(test["expect"]), path)

    def _one_id(self, text: str, path: Path) -> Intervals | None:
        written = ranges.parse(text)
        if written is None:
            self._malformed(text, path, one=True)
            return None
        if ranges.is_several(text):
            self._fault("P103", path, f"`{cut(text)}` is a range", _ONE)
            return None
        return written.ids

    def _malformed(self, text: str, path: Path, *, one: bool = False) -> None:
        """Report a text that is no range, or where ``one`` ID is wanted, none of that."""
        from smccc_filter.language.policy.malformed import malformed

        wrong = malformed(text)
        if one and wrong.instead and ranges.is_several(wrong.instead):
            wrong = wrong._replace(hint=_ONE, instead=None)
        self._fault("P103", path, wrong.message, wrong.hint, instead=wrong.instead, certain=wrong.certain)

    def _unique_names(self, rules: tuple[Rule, ...]) -> None:
        first: dict[str, Rule] = {}
        for rule in rules:
            if rule.name and rule.name in first:
                at = (*rule.path, "name")
                related = (((*first[rule.name].path, "name"), "first used here"),)
                self._fault(
                    "P103", at, f"a second rule is called `{cut(rule.name)}`", "give it a name of its own", related
                )
            elif rule.name:
                first[rule.name] = rule

    def _unknown(self, path: Path, message: str, word: str, choices: Any, otherwise: str) -> None:  # noqa: ANN401
        self._suggestions += 1
        if self._suggestions <= MAX_SUGGESTIONS:
            hint, meant = suggest(word, choices, otherwise)
            self._fault("P104", path, message, hint, instead=meant)
        else:
            self._fault("P104", path, message, otherwise)

    def _fault(  # noqa: PLR0913 -- a fault's fields
        self,
        code: str,
        path: Path,
        message: str,
        hint: str,
        related: tuple[tuple[Path, str], ...] = (),
        *,
        instead: str | None = None,
        certain: bool = False,
    ) -> None:
        self.faults.append(DocumentFault(code, path, message, hint, related, instead, certain))


def _exact_name(text: str) -> str | None:
    """Return the name that means one ID, written as a number, and no other."""
    written = ranges.parse(text)
    name = registry.name_of(written.base) if written else None
    return name if name and written and registry.by_name(name) == written.ids else None


def _ordinals(document: Document, kept: Document) -> Sequence[int]:
    """Return which rules of the document are kept, counted from 1. No two begin at one place."""
    written, left = _rule_nodes(document), _rule_nodes(kept)
    if written is left:
        return range(1, len(written) + 1)
    ordinals = {node.start: ordinal for ordinal, node in enumerate(written, 1)}
    return [ordinals[node.start] for node in left]


def _rule_nodes(document: Document) -> tuple[Node, ...]:
    """Return what stands in the list of rules."""
    entry = document.root.entries.get("rules") if isinstance(document.root, MappingNode) else None
    return entry.node.items if entry and isinstance(entry.node, SequenceNode) else ()


def _allowances(data: dict[str, Any], path: Path) -> tuple[Allowance, ...]:
    return tuple(
        Allowance(item["code"], item["reason"], (*path, "allow", number))
        for number, item in enumerate(data.get("allow", ()))
    )
