from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smccc_filter.artefacts.backends import FORMATS, backend
from smccc_filter.artefacts.backends.program import CompiledPolicy, DecodedArtefact, FilterEntry
from smccc_filter.artefacts.backends.proof import ProofError, prove
from smccc_filter.kvm.uapi import Action
from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.intervals import IntervalMap
from tests.artefacts.backends.programs import (
    ALTERNATING,
    DENY,
    FORWARD,
    HANDLE,
    KVMTOOL,
    LOCKDOWN,
    RESERVED,
    action_map,
    programs,
)


@pytest.mark.parametrize("name", FORMATS)
@given(program=programs())
def test_honest_artefacts_are_proved(name: str, program: CompiledPolicy) -> None:
    form = backend(name)
    decoded = form.decode(form.emit(program))
    proved = prove(action_map(program.entries), decoded, program.registers, (decoded.name and program.name, None))
    assert proved == (0 if name == "regs" else 1 << 32)


def mutations(entry: FilterEntry) -> Iterator[tuple[FilterEntry, ...]]:
    """Yield what may stand in an entry's place by mistake."""
    base, nr_functions, action = entry
    yield ()
    yield entry, entry
    for other in Action:
        if other is not action:
            yield (entry._replace(action=other),)
    for step in (-1, 1, -0x100, 0x1_0000):
        if 0 <= base + step < SPACE:
            yield (entry._replace(base=base + step),)
        if 0 <= nr_functions + step < SPACE:
            yield (entry._replace(nr_functions=nr_functions + step),)
    yield (entry._replace(base=RESERVED[0][0]),)
    yield (entry._replace(nr_functions=0),)
    yield (entry._replace(nr_functions=SPACE - 1),)
    yield entry, FilterEntry(RESERVED[1][1] - 1, 1, DENY)


def first_difference(wanted: IntervalMap[Action], entries: tuple[FilterEntry, ...]) -> int | None:
    """Find by plain scanning what ``prove`` must name."""
    taken = [(start, stop, HANDLE) for start, stop in RESERVED]
    last = -1
    for base, nr_functions, action in entries:
        stop = base + nr_functions
        if not nr_functions or stop > SPACE or base < last or any(base < end and stop > at for at, end, _ in taken):
            return base
        taken.append((base, stop, action))
        last = base
    found = IntervalMap.of(sorted(taken), HANDLE)
    edges = sorted({*wanted.starts, *found.starts})
    return next((fid for fid in edges if wanted[fid] is not found[fid]), None)


@pytest.mark.parametrize("program", [KVMTOOL, LOCKDOWN, ALTERNATING], ids=lambda program: program.name)
def test_every_mutation_of_every_entry_is_found_at_its_first_id(program: CompiledPolicy) -> None:
    entries = program.entries
    wanted = action_map(entries)
    for i, entry in enumerate(entries):
        for mutation in mutations(entry):
            mutated = (*entries[:i], *mutation, *entries[i + 1 :])
            with pytest.raises(ProofError) as caught:
                prove(wanted, DecodedArtefact(mutated, None), ())
            assert caught.value.fid == first_difference(wanted, mutated), mutation


@given(program=programs(), data=st.data())
def test_any_mutation_of_any_program_is_found_at_its_first_id(program: CompiledPolicy, data: st.DataObject) -> None:
    assume(program.entries)
    wanted = action_map(program.entries)
    i = data.draw(st.integers(0, len(program.entries) - 1))
    mutation = data.draw(st.sampled_from(list(mutations(program.entries[i]))))
    mutated = (*program.entries[:i], *mutation, *program.entries[i + 1 :])
    with pytest.raises(ProofError) as caught:
        prove(wanted, DecodedArtefact(mutated, None), ())
    assert caught.value.fid == first_difference(wanted, mutated)


@given(program=programs(), data=st.data())
def test_entries_out_of_order_are_no_proof(program: CompiledPolicy, data: st.DataObject) -> None:
    assume(len(program.entries) > 1)
    i = data.draw(st.integers(0, len(program.entries) - 2))
    entries = list(program.entries)
    entries[i], entries[i + 1] = entries[i + 1], entries[i]
    with pytest.raises(ProofError, match="out of order") as caught:
        prove(action_map(program.entries), DecodedArtefact(tuple(entries), None), ())
    assert caught.value.fid == program.entries[i].base


def test_message_names_the_id_and_both_decisions() -> None:
    with pytest.raises(ProofError) as caught:
        prove(action_map(KVMTOOL.entries), DecodedArtefact(KVMTOOL.entries[:2], None), ())
    assert (caught.value.fid, caught.value.wanted, caught.value.got) == (0xC400_0000, FORWARD, HANDLE)
    assert str(caught.value) == "0xC4000000: the policy says forward, the artefact handle"


@given(action_map_and_split=st.tuples(programs(), st.integers(0, SPACE)))
def test_split_entries_decide_the_same(action_map_and_split: tuple[CompiledPolicy, int]) -> None:
    program, cut = action_map_and_split
    entries: list[FilterEntry] = []
    for base, nr_functions, action in program.entries:
        if base < cut < base + nr_functions:
            entries += [FilterEntry(base, cut - base, action), FilterEntry(cut, base + nr_functions - cut, action)]
        else:
            entries.append(FilterEntry(base, nr_functions, action))
    assert prove(action_map(program.entries), DecodedArtefact(tuple(entries), None), ()) == SPACE


REGISTERS = LOCKDOWN.registers + ALTERNATING.registers


@pytest.mark.parametrize(
    ("got", "fid"),
    [
        (((0x6030_0000_0016_0002, 1), (0x6030_0000_0016_0000, 1)), 0x6030_0000_0016_0002),
        (((0x6030_0000_0016_0002, 0), (0x6030_0000_0016_0000, 0)), 0x6030_0000_0016_0000),
        (((0x6030_0000_0016_0000, 1), (0x6030_0000_0016_0002, 0)), 0x6030_0000_0016_0002),
        (((0x6030_0000_0016_0001, 0), (0x6030_0000_0016_0000, 1)), 0x6030_0000_0016_0002),
        (((0x6030_0000_0016_0002, 0),), 0x6030_0000_0016_0000),
        (((0x6030_0000_0016_0002, 0), (0x6030_0000_0016_0000, 1), (0x6030_0000_0016_0001, 1)), 0x6030_0000_0016_0001),
    ],
)
def test_a_register_that_differs_is_named(got: tuple[tuple[int, int], ...], fid: int) -> None:
    with pytest.raises(ProofError, match=f"0x{fid:X}: ") as caught:
        prove(action_map(()), DecodedArtefact((), got), REGISTERS)
    assert caught.value.fid == fid
