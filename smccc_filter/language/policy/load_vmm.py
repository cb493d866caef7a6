"""Makes of the ``vmm`` of a rule what it says: the calls that the VMM implements, its versions and its flags."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from smccc_filter.language.places import Path
from smccc_filter.language.policy import faults
from smccc_filter.language.policy.faults import Describe
from smccc_filter.language.policy.language import EVERY_CALL
from smccc_filter.language.policy.selector import Selector, SelectorKind
from smccc_filter.language.policy.vmm_part import StatedFlags, StatedVersion, VmmPart
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import Intervals


class VmmLoader:
    """Builds what a rule says of the VMM from data of the right shape.

    ``call`` returns the IDs of a call, or notes by ``describe`` that there is none; ``fault`` notes what means nothing.
    """

    __slots__ = ("_call", "_fault")

    def __init__(
        self, call: Callable[[str, Path, Describe], Intervals | None], fault: Callable[[Describe, Path, str], None]
    ) -> None:
        self._call: Final = call
        self._fault: Final = fault

    def part(self, data: dict[str, Any], path: Path, selectors: Sequence[Selector]) -> VmmPart:
        """Return what the ``vmm`` at ``path`` says of the calls that ``selectors`` forward."""
        versions = data.get("version", {})
        by_service = {None: versions} if isinstance(versions, str) else versions
        return VmmPart(
            tuple(self._implemented(data["implements"], (*path, "implements"), selectors)),
            tuple(self._versions(by_service, (*path, "version"))),
            tuple(self._features(data.get("features", {}), (*path, "features"))),
            path,
        )

    def _implemented(self, items: str | list[str], path: Path, selectors: Sequence[Selector]) -> Iterator[Selector]:
        if items == EVERY_CALL:
            called = [selector for selector in selectors if selector.kind is SelectorKind.CALL]
            yield from (selector._replace(path=path) for selector in called)
            if not called:
                self._fault(faults.all_of_none, path, "")
            return
        for number, text in enumerate(items):
            at = (*path, number)
            if ids := self._call(text, at, faults.unknown_implemented):
                yield Selector(SelectorKind.CALL, text, at, ids)

    def _versions(self, versions: dict[str | None, str], path: Path) -> Iterator[StatedVersion]:
        for service, text in versions.items():
            at = path if service is None else (*path, service)
            if service is None or registry.service(service):
                yield StatedVersion(service, text, at)
            else:
                self._fault(faults.unknown_versioned, at, service)

    def _features(self, features: dict[str, str | int], path: Path) -> Iterator[StatedFlags]:
        for text, flags in features.items():
            at = (*path, text)
            if ids := self._call(text, at, faults.unknown_featured):
                yield StatedFlags(text, ids, flags if isinstance(flags, int) else int(flags, 16), at)
