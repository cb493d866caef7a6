"""Predictions and what is asked, without a kernel: against the recordings, and the tool's own word on a policy."""

from collections import Counter
from collections.abc import Iterator

import pytest

from smccc_filter.artefacts.backends import backend
from smccc_filter.kvm.profiles import Profile, profile
from tests.paths import ANSWERS
from tests.programs.live.__main__ import GUESTS_OF_A_KIND
from tests.programs.live.compare import CALLS, KINDS, agrees, kind_of
from tests.programs.live.hosts import GUESTS, GuestKind, calls_of
from tests.programs.live.policies import known_ids, random_policy
from tests.programs.live.predict import predict
from tests.programs.live.probes import PSCI_FEATURES, all_probes, edges, questions
from tests.programs.live.replay import RECORDING
from tests.programs.live.shipped import examine, names, program
from tests.programs.live.written import artefacts, disagreements, installation, random_written, ranges

FILES = sorted(path.name for path in ANSWERS.glob("*.txt") if RECORDING.fullmatch(path.name))
"""The recordings in this harness's words; those of others are replayed in tests/kvm."""
KNOWN = known_ids()
WRITTEN = [random_written(seed, KNOWN) for seed in range(60)]
NO = "ret ffffffffffffffff 0 0 0"


def release(name: str) -> Profile:
    known = profile(name)
    assert known is not None
    return known


def recorded_vms(file: str) -> Iterator[list[tuple[str, str]]]:
    vm: list[tuple[str, str]] = []
    for line in (ANSWERS / file).read_text(encoding="ascii").splitlines():
        operation, _, answer = line.partition("|")
        if operation == "V" and vm:
            yield vm
            vm = []
        vm.append((operation, answer))
    yield vm


@pytest.mark.parametrize("file", FILES)
def test_the_predictions_are_what_was_recorded(file: str) -> None:
    known = release("6.12.95" if "6.12" in file else "7.3.4")
    exact = open_values = 0
    for vm in recorded_vms(file):
        predictions = predict(known, [operation for operation, _ in vm])
        for (operation, answer), prediction in zip(vm, predictions, strict=True):
            assert prediction is not None
            assert agrees(prediction, answer), (vm, operation)
            exact += "*" not in prediction
            open_values += "*" in prediction
    assert exact > 50 * open_values


def test_random_policies_meet_every_kind_of_answer() -> None:
    policies = [random_policy(seed, KNOWN) for seed in range(1000)] + [compiled.policy for compiled in WRITTEN]
    found = Counter(
        (operation[0], (prediction or "").split()[0], kind_of(operation, prediction or ""))
        for policy in policies
        for operation, prediction in zip(policy.operations, predict(release("6.12.95"), policy.operations), strict=True)
    )
    errnos = {word: {answer for other, answer, _ in found if other == word} for word in "VFRGCT"}
    assert errnos == {
        "V": {"ok"},
        "F": {"0", "16", "17", "22"},
        "R": {"0", "2", "16", "22"},
        "G": {"0", "2"},
        "C": {"0"},
        "T": {"0", "17"},
    }
    for word in "PS":
        assert {answer for other, answer, _ in found if other == word} == {"ret", "user", "event", "off"}
    assert {kind for _, _, kind in found} == {
        *(KINDS[word] for word in "FBRG"),
        *("settings", "calls answered", "calls forwarded", "calls not supported"),
    }


@pytest.mark.parametrize(
    ("operations", "answer"),
    [
        (["V", "P 84000000 0"], "ret 10003 0 0 0"),
        (["V 0", "P 84000000 0"], NO),
        (["V 0", "P 95c1ba5f 0"], "off"),
        (["V", "S 84000002 0"], "off"),
        (["V", "P 84000008 0"], "event 1 0 fffffffffffffffa 0 0 0"),
        (["V", "S 84000012 80000001"], "event 2 1 fffffffffffffffa 80000001 0 dead0003"),
        (["V", "S c400000e 0"], NO),
        (["V", "C 216", "S c400000e 0"], "event 5 0 * * * *"),
        (["V", "P c5000021 0"], NO),
        (["V", "T", "P c5000021 0"], "ret 11c00 0 0 0"),
        (["V", "T", "T"], "17"),
        (["V", "P 84000053 20"], "ret 0 * * *"),
        (["V", "P 80000001 80008000"], "ret * 0 0 0"),
        (["V", "P c4000003 7"], "ret fffffffffffffffe 0 0 0"),
        (["V", "P 184000000 0"], "ret 10003 0 0 0"),
        (["V", "F 84000000 1 2 0", "S 184000000 0"], "user nr=84000000 flags=1 pc+4"),
        (["V", "F 84000000 1 1 0", "P 84000000 0"], NO),
        (["V", "R 6030000000140000 10001", "G 6030000000140000"], "0 10001"),
        (["V", "G 6030000000160002"], "0 3"),
        (["V", "P 84000000 0", "R 6030000000160000 0"], "16"),
        (["V", f"B {'000000840100000001' + '00' * 15}{'000000840100000001' + '00' * 15}"], "0 17"),
        (["V", "A trng_in_vmm"], "0"),
        (["V", "F 84000050 1 1 0", "A trng_in_vmm"], "17 84000050"),
        (["V", "A trng_in_vmm", "P 84000000 0", "A trng_in_vmm"], "16 84000050"),
        (["V", "W target_impl_cpus"], "0"),
        (["V 6", "P 84000000 0"], "ret 10003 0 0 0"),
        (["V 6", "p c4000003 0"], "ret ffffffff 0 0 0"),
        (["V 6", "s 84000003 7"], "ret fffffffe 0 0 0"),
        (["V 2", "S 84000000 0"], "ret ffffffff 0 0 0"),
        (["V 84", "P 184000000 5"], "el2 8 5a000000 184000000 5 0 dead0003"),
        (["V 84", "p 84000000 0"], "el2 4 5a000000 84000000 0 0 dead0003"),
        (["V 84", "P 80008000 0"], "ret 0 0 0 dead0003"),
        (["V 84", "S 84000000 0"], "ret 10003 0 0 0"),
        (["V 84", "R 603000000013e088 480080000", "S 84000000 0"], "el2 8 5e000000 84000000 0 0 dead0003"),
        (["V 84", "R 603000000013e088 480080000", "s 84000000 0"], "ret 10003 0 0 0"),
        (["V 4 80000000", "F 84000000 1 1 0"], "22"),
        (["V 4 80000000", "C 216"], "22"),
        (["V 4 80000000", "P 86000000 0"], "ret 1d 0 0 0"),
        (["V 4 80000000", "A trng_in_vmm"], "22 84000050"),
    ],
)
def test_an_answer_is_written_as_the_agent_writes_it(operations: list[str], answer: str) -> None:
    assert predict(release("7.3"), operations)[-1] == answer


def test_a_register_that_the_kernel_lacks_is_named_by_its_id() -> None:
    assert predict(release("6.12"), ["V", "W target_impl_cpus"])[-1] == "2 6030000000160003"


@pytest.mark.parametrize("name", ["6.12.95", "7.3.4"])
def test_the_tool_says_of_a_policy_what_its_artefacts_do(name: str) -> None:
    known = release(name)
    for compiled in WRITTEN:
        operations = compiled.policy.operations
        answers = list(zip(operations, predict(known, operations), strict=True))
        assert disagreements(known, compiled.examination, answers) == []


def test_an_artefact_that_is_weaker_than_its_policy_is_found() -> None:
    known = release("7.3.4")
    for name, call in (("trng-in-vmm", "P 84000050 0"), ("lockdown", "S 84000000 0")):
        blob, registers = artefacts(program(name))
        assert wrong_calls(known, name, blob, registers) == []
        weaker = (b"", registers) if name == "trng-in-vmm" else (blob, b"")
        assert call in wrong_calls(known, name, *weaker)
        assert "P 80000000 0" not in wrong_calls(known, name, *weaker)


def wrong_calls(known: Profile, name: str, blob: bytes, registers: bytes) -> list[str]:
    operations = [*installation(examine(name), blob, registers), *all_probes(ranges(examine(name)), ())]
    return disagreements(known, examine(name), list(zip(operations, predict(known, operations), strict=True)))


def test_written_policies_are_many_things() -> None:
    entries = [compiled.program.entries for compiled in WRITTEN]
    assert {entry.action for some in entries for entry in some} == {"deny", "forward"}
    assert {len(some) for some in entries} >= {0, 1, 2, 3}
    assert sum(bool(compiled.program.registers) for compiled in WRITTEN) > len(WRITTEN) / 3
    for compiled in WRITTEN:
        blob = backend("blob").emit(compiled.program).hex()
        assert [operation for operation in compiled.policy.operations if operation[0] == "B"] == [f"B {blob}"][
            : len(blob)
        ]


def test_every_question_that_kvm_answers_is_asked() -> None:
    psci = {x1 for x0, x1 in questions() if x0 == PSCI_FEATURES}
    assert psci >= {
        0x8000_0000,
        *range(0x8400_0000, 0x8400_0016),
        *(0xC400_0000 | n for n in (1, 3, 4, 0xE, 0x12, 0x15)),
    }
    asked = set(questions())
    assert asked >= {(0x8000_0001, fid) for fid in (0x8000_3FFF, 0x8000_7FFF, 0x8000_8000, 0xC500_0020)}
    assert asked >= {(0x8400_0051, fid) for fid in (*range(0x8400_0050, 0x8400_0054), 0xC400_0053)}
    assert asked >= {(0xC500_0020, 0xC500_0021), (0x8600_FF01, 0), (0x8600_0000, 0), (0x8000_0000, 0)}
    assert edges([(0, 2), (0xFFFF_FFFE, 1 << 32)]) == [0, 1, 2, 0xFFFF_FFFD, 0xFFFF_FFFE, 0xFFFF_FFFF]


def test_every_shipped_policy_is_asked_about() -> None:
    assert len(names()) >= 13
    assert all(program(name).entries or program(name).registers for name in names())


def predicted_kinds(kind: GuestKind) -> Counter[str]:
    policies = [kind.policy(seed, KNOWN) for seed in range(1, 1 + GUESTS_OF_A_KIND)]
    return Counter(
        kind_of(operation, prediction)
        for policy in policies
        for operation, prediction in zip(policy.operations, predict(release("7.3.4"), policy.operations), strict=True)
        if prediction is not None and operation[0] in CALLS
    )


@pytest.mark.parametrize("kind", GUESTS, ids=lambda kind: kind.name)
def test_guests_of_a_kind_make_hundreds_of_calls_each_way(kind: GuestKind) -> None:
    policies = [kind.policy(seed, KNOWN) for seed in range(1, 1 + GUESTS_OF_A_KIND)]
    words = Counter(operation[0] for policy in policies for operation in policy.operations)
    ways = CALLS if kind.features else "PS"
    assert {word for word in CALLS if words[word]} == {*ways}
    assert calls_of(policies) == sum(words[word] for word in ways) == predicted_kinds(kind).total() > 300
    assert len({policy.operations for policy in policies}) == GUESTS_OF_A_KIND


def test_guests_of_each_kind_meet_its_ways_to_end_a_call() -> None:
    kinds = {kind.name: {*predicted_kinds(kind)} for kind in GUESTS}
    usual = {"calls answered", "calls forwarded", "calls not supported"}
    assert kinds == {
        "PSCI 0.1": usual,
        "AArch32": usual,
        "nested": {*usual, "calls to the guest's EL2"},
        "protected": usual - {"calls forwarded"},
    }


def test_kernels_make_the_guests_of_their_time() -> None:
    made = {name: {kind.name for kind in GUESTS if kind.made_by(release(name))} for name in ("6.12", "6.16", "7.3")}
    assert made["6.12"] == {"PSCI 0.1", "AArch32"}
    assert made["6.16"] == {"PSCI 0.1", "AArch32", "nested"}
    assert made["7.3"] == {kind.name for kind in GUESTS}
