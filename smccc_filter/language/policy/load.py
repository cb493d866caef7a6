"""Makes a policy of a document: names become function IDs, texts become ranges, and every part keeps its place."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from smccc_filter.kvm.uapi import Action
from smccc_filter.language.places import Path
from smccc_filter.language.policy import faults, ranges, recognition, shape
from smccc_filter.language.policy.faults import MAX_CUTS, Describe, NamelessPart, PolicyFaults
from smccc_filter.language.policy.model import Allowance, Expectation, Policy, Rule, Target
from smccc_filter.language.policy.selector import Selector, SelectorKind
from smccc_filter.language.source import Document, MappingNode, Node, SequenceNode
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import Intervals, in_span_of, union

if TYPE_CHECKING:
    from smccc_filter.language.policy.vmm_part import VmmPart


def load(document: Document) -> tuple[Policy | None, PolicyFaults, Document]:
    """Return the policy that a document holds, its faults, and the document without its misshapen parts.

    Paths of the policy and of the faults are paths of the document that is returned. The policy is ``None`` when the
    document is not even a mapping, or not meant as a policy; then nothing of it may be quoted.
    """
    if not recognition.is_meant(document):
        fault = recognition.without_quotes(document)
        unread = document._replace(root=None, faults=(), complete=False, may_be_quoted=False)
        return None, PolicyFaults((fault,)), unread
    data, misshapen, kept = shape.check(document)
    shape_faults = misshapen.unsaid if misshapen else None
    if data is None:
        return None, PolicyFaults(document.faults, shape_faults), kept
    loader = _Loader()
    policy = loader.policy(data, _ordinals(document, kept))
    if kept is not document:
        loader.look_into_lost(document, kept)
    return policy, PolicyFaults(document.faults, shape_faults, loader.faults), kept


class _Loader:
    """Builds a policy from data of the right shape, noting what names nothing."""

    def __init__(self) -> None:
        self.faults: list[NamelessPart] = []
        self._cuts = 0
        self._names: dict[str, Intervals | None] = {}
        self._services: dict[str, Intervals | None] = {}
        self._readers: dict[str | int, Callable[[str, Path], Selector | None]] = {
            SelectorKind.CALL: self._call_selector,
            SelectorKind.RANGE: self._range_selector,
            SelectorKind.SERVICE: self._service_selector,
        }

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
                stolen_time=target.get("stolen_time"),
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

    def look_into_lost(self, document: Document, kept: Document) -> None:
        """Note what names nothing in the rules and expectations that were cut away, by its place in the text."""
        from smccc_filter.language.policy.lost import lost_texts

        seen = len(self.faults)
        for path, text in lost_texts(document, kept):
            if path[-1] == "call":
                self._expected(text, path)
            elif path[-2] == "implements":
                self._call(text, path, faults.unknown_implemented)
            else:
                self._readers[path[-2]](text, path)
        self.faults[seen:] = [fault._replace(place=document.offsets(fault.path)) for fault in self.faults[seen:]]

    def _rule(self, number: int, ordinal: int, data: dict[str, Any]) -> Rule:
        path: Path = ("rules", number)
        selectors = tuple(self._selectors(data, path))
        exceptions = tuple(self._selectors(data.get("except", {}), (*path, "except")))
        if exceptions and self._is_shredded(selectors, exceptions):
            self._fault(faults.shredded, (*path, "except"))
            exceptions = ()
        action = Action(data["action"])
        return Rule(
            number=number,
            ordinal=ordinal,
            name=data.get("name"),
            action=action,
            selectors=selectors,
            exceptions=exceptions,
            reason=data.get("reason"),
            allow=_allowances(data, path),
            vmm=self._vmm(data["vmm"], (*path, "vmm"), action, selectors) if "vmm" in data else None,
        )

    def _vmm(self, data: dict[str, Any], path: Path, action: Action, selectors: Sequence[Selector]) -> "VmmPart | None":
        if action is not Action.FORWARD:
            self._fault(faults.nothing_forwarded, path)
            return None
        from smccc_filter.language.policy.load_vmm import VmmLoader  # few policies need it

        return VmmLoader(self._call, self._fault).part(data, path, selectors)

    def _selectors(self, data: dict[str, Any], path: Path) -> Iterator[Selector]:
        for key, items in data.items():
            if reader := self._readers.get(key):
                for number, text in enumerate(items):
                    if selector := reader(text, (*path, key, number)):
                        yield selector

    def _call_selector(self, text: str, path: Path) -> Selector | None:
        ids = self._call(text, path)
        return Selector(SelectorKind.CALL, text, path, ids) if ids else None

    def _range_selector(self, text: str, path: Path) -> Selector | None:
        written = ranges.parse(text)
        if written is None:
            self._fault(faults.malformed, path, text)
            return None
        return Selector(SelectorKind.RANGE, text, path, written.ids, written)

    def _service_selector(self, text: str, path: Path) -> Selector | None:
        if text not in self._services:
            service = registry.service(text)
            self._services[text] = union((first, last + 1) for first, last in service.ranges) if service else None
        if ids := self._services[text]:
            return Selector(SelectorKind.SERVICE, text, path, ids)
        self._fault(faults.unknown_service, path, text)
        return None

    def _call(self, text: str, path: Path, describe: Describe = faults.unknown_call) -> Intervals | None:
        if text not in self._names:
            self._names[text] = registry.by_name(text)
        if not self._names[text]:
            self._fault(describe, path, text)
        return self._names[text]

    def _expectations(self, data: dict[str, Any]) -> Iterator[Expectation]:
        for number, test in enumerate(data.get("tests", ())):
            path: Path = ("tests", number)
            text = test["call"]
            at = (*path, "call")
            if ids := self._expected(text, at):
                yield Expectation(text, ids, Action(test["expect"]), path)

    def _expected(self, text: str, path: Path) -> Intervals | None:
        return self._one_id(text, path) if ranges.is_number(text) else self._call(text, path)

    def _one_id(self, text: str, path: Path) -> Intervals | None:
        written = ranges.parse(text)
        if written is None:
            self._fault(faults.malformed_id, path, text)
            return None
        if ranges.is_several(text):
            self._fault(faults.several, path, text)
            return None
        return written.ids

    def _unique_names(self, rules: tuple[Rule, ...]) -> None:
        first: dict[str, Rule] = {}
        for rule in rules:
            if rule.name and rule.name in first:
                self._fault(partial(faults.second_name, first[rule.name].path), (*rule.path, "name"), rule.name)
            elif rule.name:
                first[rule.name] = rule

    def _is_shredded(self, selectors: Sequence[Selector], exceptions: Sequence[Selector]) -> bool:
        """Tell whether exceptions cut selectors into too many pieces."""
        excepted = union(interval for exception in exceptions for interval in exception.ids)
        cuts = sum(len(in_span_of(selector.ids, excepted)) for selector in selectors)
        self._cuts += max(0, cuts - len(excepted) - len(selectors))
        return self._cuts > MAX_CUTS

    def _fault(self, describe: Describe, path: Path, text: str = "") -> None:
        self.faults.append(NamelessPart(describe, path, text))


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
