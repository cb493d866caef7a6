"""VMMs with one mistake each, and what a judgement says of them."""

from collections.abc import Callable

import pytest

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.analysis.targets import set_up_on
from smccc_filter.guests.relations import relations
from smccc_filter.guests.setup import EVERYTHING_HANDLED, VmSetup, registers_of, vm_of
from smccc_filter.kvm.machine import Conduit, Registers
from smccc_filter.kvm.outcomes import filtered
from smccc_filter.kvm.uapi import Action
from smccc_filter.probe.diagnosis import NO_KVM, LogJudgement, judge
from smccc_filter.probe.judging import CallVerdict
from smccc_filter.probe.log import LogError, LogHeader
from smccc_filter.probe.log_reader import read_log
from smccc_filter.probe.vmm_questions import STOPPING, VmmQuestion, VmmQuestions, digest_of, may_stop, vmm_questions
from smccc_filter.reports.probe_log import render_text
from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import IntervalMap
from smccc_filter.smccc.signatures import signature_of
from smccc_filter.smccc.signatures.shape import Returns
from tests.policies.shipped import NAMES, each_policy, examine, policy
from tests.probe.kernels import known
from tests.probe.vmm_logs import Answerer, answerer, header_of, line, log_of, made_log, untouched

PSCI_FEATURES = 0x8400_000A
CPU_ON = (0x8400_0003, 0xC400_0003)
SYSTEM_OFF, SYSTEM_RESET = 0x8400_0008, 0x8400_0009
FFA_VERSION, FFA_ID_GET = 0x8400_0063, 0x8400_0069
SMCCC_VERSION = 0x8000_0000
SMC64_CALLS = 0xC000_0000
X0_MASK = 0xFFFF_FFFF
NOT_SUPPORTED = 2**64 - 1


def vm(name: str, kernel: str = "7.3") -> VmSetup:
    (made,) = set_up_on(policy(name), examine(name).resolution.actions, (known(kernel),))
    return made


def own(text: str) -> tuple[Examination, VmmQuestions, VmSetup]:
    """Return a policy of a test's own, its calls, and its VM."""
    examination = pipeline.examine("own.yaml", text.encode())
    assert examination.policy is not None
    (made,) = set_up_on(examination.policy, examination.resolution.actions, (known("7.3"),))
    return examination, vmm_questions(examination.resolution), made


def judged(name: str, log: str, kernels: tuple[str, ...] = ("7.3",)) -> LogJudgement:
    resolution = examine(name).resolution
    vms = set_up_on(policy(name), resolution.actions, tuple(map(known, kernels)))
    return judge(read_log(log.encode()), policy(name), resolution, vmm_questions(resolution), vms)


def differing(judgement: LogJudgement) -> set[int]:
    return {call.question.func_id for call in judgement.of(CallVerdict.DIFFERS)}


@each_policy
def test_a_vmm_without_a_mistake_is_as_predicted(name: str) -> None:
    judgement = judged(name, log_of(name, answerer(vm(name))))
    assert judgement.is_as_predicted
    assert all(told.startswith("Whether ") for told in judgement.diagnosis)
    assert len(judgement.of(CallVerdict.AS_PREDICTED)) > len(judgement.of(CallVerdict.NOT_KNOWN))


def test_ff_a_may_refuse_a_version_that_it_does_not_speak_and_must_know_the_first() -> None:
    def refusing(func_id: int, *versions: int) -> LogJudgement:
        right = answerer(vm("ffa-in-vmm"))

        def answer(conduit: Conduit, question: VmmQuestion) -> Registers:
            refused = question.func_id == func_id and question.x1 in versions
            return (NOT_SUPPORTED, 0, 0, 0) if refused else right(conduit, question)

        return judged("ffa-in-vmm", log_of("ffa-in-vmm", answer))

    assert refusing(FFA_VERSION, 0).is_as_predicted
    wrong = refusing(FFA_VERSION, 0x0001_0000).of(CallVerdict.DIFFERS)
    assert {(call.question.func_id, call.question.x1) for call in wrong} == {(FFA_VERSION, 0x0001_0000)}
    assert differing(refusing(FFA_ID_GET, 0)) == {FFA_ID_GET}


@pytest.mark.parametrize("error", [-2, -3, -9])
def test_an_absent_cpu_may_be_refused_in_any_way_that_says_so(error: int) -> None:
    right = answerer(vm("vcpu-hotplug"))

    def answer(conduit: Conduit, question: VmmQuestion) -> Registers:
        refused = question.func_id in CPU_ON and question.x1
        return (error % 2**64, 0, 0, 0) if refused else right(conduit, question)

    assert judged("vcpu-hotplug", log_of("vcpu-hotplug", answer)).is_as_predicted


@pytest.mark.parametrize("name", ["kvmtool-psci", "migration"])
@pytest.mark.parametrize("func_id", [SYSTEM_OFF, SYSTEM_RESET])
def test_a_power_off_after_which_the_image_begins_anew_is_none(name: str, func_id: int) -> None:
    header, asked = header_of(name)
    number = asked.number_of(func_id)
    assert number is not None
    run = f"{line(f'{header._replace(first=number, calls=1, conduits=(Conduit.HVC,))}1')}\r\nsmccc1 {number:x}h "
    assert judged(name, run).is_as_predicted
    again = judged(name, run * 2)
    assert [call.meaning for call in again.of(CallVerdict.DIFFERS)] == (
        ["the VM began anew, and was to be off"] if func_id == SYSTEM_OFF else []
    )


def test_no_call_that_may_not_come_back_is_made_unasked() -> None:
    for name in NAMES:
        _, asked = header_of(name)
        assert not any(may_stop(question.func_id) for question in asked.safe)
        assert all(may_stop(question.func_id) for question in asked.stopping)


def test_what_may_not_come_back_is_what_the_specifications_say() -> None:
    for function in registry.functions():
        signature = signature_of(function)
        ids = {func_id for start, stop in registry.function_ids(function) for func_id in range(start, stop)}
        if signature and signature.returns is not Returns.ALWAYS:
            assert ids <= STOPPING, function.name


WITH_FILTER = [name for name in NAMES if vm(name).actions != EVERYTHING_HANDLED]
WITH_REGISTERS = [name for name in NAMES if registers_of(policy(name))]


def is_seen(name: str, wrong: VmSetup) -> bool:
    """Tell whether the guest gets another answer than the predicted one, or a refusal of what a handler answers."""
    _, asked = header_of(name)
    right, got = vm(name), answerer(wrong)
    for conduit in Conduit:
        for question in asked.safe:
            expected = right._replace(conduit=conduit).reply(question.call)
            wanted, seen = expected.registers, got(conduit, question)
            is_refusal = expected.by_vmm and wanted is None and seen == (NOT_SUPPORTED, 0, 0, 0)
            if seen != (wanted or seen) or (is_refusal and question.func_id not in DISCOVERY):
                return True
    return False


DISCOVERY = {relation.discovery for relation in relations() if relation.argument}


@pytest.mark.parametrize("name", WITH_FILTER)
def test_a_filter_that_is_not_there(name: str) -> None:
    own = policy(name)
    bare = vm_of(own.target, registers_of(own), known("7.3"), EVERYTHING_HANDLED)
    judgement = judged(name, log_of(name, answerer(bare)))
    if is_seen(name, bare):
        cause = "The filter was not installed, or too late, when a vCPU had run"
        assert judgement.diagnosis[0] == f"{cause}: that explains every difference."
        assert not judgement.is_as_predicted
    else:
        assert judgement.diagnosis[0].startswith("Whether the filter is installed can't be seen: ")


def test_some_filters_show_and_some_do_not() -> None:
    own = {name: policy(name) for name in WITH_FILTER}
    bare = {name: vm_of(row.target, registers_of(row), known("7.3"), EVERYTHING_HANDLED) for name, row in own.items()}
    assert {name for name in WITH_FILTER if not is_seen(name, bare[name])} == {
        "lockdown",
        "no-vendor-services",
        "system-power-in-vmm",
        "vcpu-hotplug",
    }


def test_what_does_not_show_names_the_call_that_would_show_it() -> None:
    denied = "rules: [{action: deny, calls: [PSCI_SYSTEM_RESET2], allow: [{code: F501, reason: tried}]}]"
    examination, asked, right = own(f"{{version: 1, name: own, {denied}}}")
    assert examination.policy is not None
    digest = digest_of(examination.policy, examination.resolution, asked)
    log = made_log(LogHeader(digest, 0, len(asked.safe), tuple(Conduit)), asked, answerer(right))
    judgement = judge(read_log(log.encode()), examination.policy, examination.resolution, asked, (right,))
    told = "Whether the filter is installed can't be seen: the guest would get the same answers otherwise"
    assert judgement.diagnosis == (f"{told}; an image with --only PSCI_SYSTEM_RESET2/32 would show it.",)


@pytest.mark.parametrize("name", WITH_REGISTERS)
def test_registers_that_are_written_back(name: str) -> None:
    right = vm(name)
    wrong = vm_of(policy(name).target, (), known("7.3"), right.actions, right.vmm)
    judgement = judged(name, log_of(name, answerer(wrong)))
    told = "The firmware registers have KVM's own values: they were not written, too late, or written back"
    if is_seen(name, wrong):
        assert f"{told}: that explains every difference." in judgement.diagnosis
    else:
        seen = [line for line in judgement.diagnosis if line.startswith("Whether the firmware registers are written")]
        assert len(seen) == 1


def test_half_a_filter() -> None:
    right = vm("ffa-in-vmm")
    cut = next(
        start for start, _, action in right.actions.segments() if start > 0xC000_0000 and action is Action.FORWARD
    )
    kept = IntervalMap.of(right.actions.within(0, cut), Action.HANDLE)
    wrong = right._replace(machine=filtered(right.machine, kept), actions=kept)
    judgement = judged("ffa-in-vmm", log_of("ffa-in-vmm", answerer(wrong)))
    told = f"The filter is there up to 0x{cut - 1:08X} only: an entry was refused, and the VM kept"
    assert judgement.diagnosis[0] == f"{told}: that explains every difference."


def test_an_entry_that_is_off_by_one() -> None:
    right = vm("kvmtool-psci")
    late = ((0x8400_0001, 0x8400_0020, Action.FORWARD), (0xC400_0000, 0xC400_0020, Action.FORWARD))
    shifted = IntervalMap.of(late, Action.HANDLE)
    wrong = right._replace(machine=filtered(right.machine, shifted), actions=shifted)
    judgement = judged("kvmtool-psci", log_of("kvmtool-psci", answerer(wrong)))
    assert differing(judgement) == {0x8400_0000}
    assert {call.meaning for call in judgement.of(CallVerdict.DIFFERS)} == {
        "it is left to KVM: no entry of the filter denies or forwards it"
    }


def changed(name: str, change: Callable[[VmmQuestion, Registers], Registers]) -> Answerer:
    """Return answers as predicted, but for those that ``change`` changes."""
    right = answerer(vm(name))
    return lambda conduit, question: change(question, right(conduit, question))


def is_forwarded(name: str, func_id: int) -> bool:
    return vm(name).actions[func_id] is Action.FORWARD


def test_a_vmm_that_ignores_what_is_forwarded() -> None:
    def ignored(question: VmmQuestion, registers: Registers) -> Registers:
        return untouched(question) if is_forwarded("kvmtool-psci", question.func_id) else registers

    judgement = judged("kvmtool-psci", log_of("kvmtool-psci", changed("kvmtool-psci", ignored)))
    assert "The VMM answers no forwarded call: it does not handle KVM_EXIT_HYPERCALL." in judgement.diagnosis
    assert {call.meaning for call in judgement.of(CallVerdict.DIFFERS)} == {
        "the VMM left every register as it was, and the function ID in X0 passes for an answer"
    }


def test_a_vmm_that_forgets_smccc_version() -> None:
    def forgotten(question: VmmQuestion, registers: Registers) -> Registers:
        asked = (question.func_id, question.x1) == (PSCI_FEATURES, SMCCC_VERSION)
        return (NOT_SUPPORTED, 0, 0, 0) if asked else registers

    judgement = judged("kvmtool-psci", log_of("kvmtool-psci", changed("kvmtool-psci", forgotten)))
    wrong = judgement.of(CallVerdict.DIFFERS)
    assert {(call.question.func_id, call.question.x1) for call in wrong} == {(PSCI_FEATURES, SMCCC_VERSION)}
    assert {call.meaning for call in wrong} == {"the VMM does not answer PSCI_FEATURES(SMCCC_VERSION)"}
    assert judgement.rules[PSCI_FEATURES] == "psci"


def test_a_vmm_that_writes_x0_alone() -> None:
    def alone(question: VmmQuestion, registers: Registers) -> Registers:
        if not is_forwarded("kvmtool-psci", question.func_id):
            return registers
        return (registers[0], *untouched(question)[1:])

    judgement = judged("kvmtool-psci", log_of("kvmtool-psci", changed("kvmtool-psci", alone)))
    told = "X0 is right, and X1 to X3 hold what the guest called with: the VMM writes X0 alone"
    assert {call.meaning for call in judgement.of(CallVerdict.DIFFERS)} == {told}


def test_errors_of_32_bits() -> None:
    def narrow(question: VmmQuestion, registers: Registers) -> Registers:
        is_error = is_forwarded("kvmtool-psci", question.func_id) and registers[0] == NOT_SUPPORTED
        return (X0_MASK, 0, 0, 0) if is_error else registers

    judgement = judged("kvmtool-psci", log_of("kvmtool-psci", changed("kvmtool-psci", narrow)))
    told = "the error is 32 bits wide, and a guest that looks at X0 takes it for a number"
    assert {call.meaning for call in judgement.of(CallVerdict.DIFFERS)} == {told}


@pytest.mark.parametrize(("name", "told"), [("kvmtool-psci", "have no"), ("psci-for-realms", "have a")])
def test_a_stolen_time_page_that_the_target_says_otherwise(name: str, told: str) -> None:
    right = vm(name)
    other = right._replace(machine=right.machine._replace(stolen_time=not right.machine.stolen_time))
    judgement = judged(name, log_of(name, answerer(other)))
    (sentence,) = judgement.diagnosis
    assert sentence.startswith(f"The vCPUs {told} stolen-time page, which `stolen_time` of the policy's `target` ")
    assert sentence.endswith(": that explains every difference.")


def test_a_guest_without_kvm() -> None:
    def emulated(_conduit: Conduit, question: VmmQuestion) -> Registers:
        return (NOT_SUPPORTED, *untouched(question)[1:])

    assert judged("lockdown", log_of("lockdown", emulated)).diagnosis == (NO_KVM,)


def test_the_kernel_that_fits_is_named() -> None:
    log = log_of("stolen-time-off", answerer(vm("stolen-time-off", "6.4")))
    assert judged("stolen-time-off", log, ("6.4", "7.3")).kernel == "6.4"
    judgement = judged("stolen-time-off", log, ("7.3", "6.4"))
    counts = dict(judgement.differing_on)
    assert judgement.kernel == "6.4"
    assert f"\nIt fits Linux 6.4 best: 0 calls differ, {counts['7.3']} as 7.3.\n" in render_text("p", judgement, None)
    assert counts["6.4"] == 0 < counts["7.3"]


def test_missing_and_broken_lines_are_named() -> None:
    lines = log_of("lockdown", answerer(vm("lockdown"))).split("\r\n")
    lines[5] = lines[5].replace("-1", "-2")
    del lines[10]
    judgement = judged("lockdown", "\r\n".join(lines))
    assert [(call.number, call.meaning) for call in judgement.of(CallVerdict.NOT_SEEN)] == [
        (3, "line 6 is broken"),
        (8, "its line is missing"),
    ]
    assert not judgement.is_as_predicted


def test_a_call_that_hangs_is_named() -> None:
    lines = log_of("lockdown", answerer(vm("lockdown"))).split("\r\n")[:12]
    lines[-1] = lines[-1].split(" -1")[0]
    judgement = judged("lockdown", "\r\n".join(lines))
    (call,) = judgement.of(CallVerdict.DIFFERS)
    assert (call.number, call.meaning) == (9, "the call never came back: the VMM hung, ended or began anew")
    assert any(told.startswith("The last call that was made is 0x") for told in judgement.diagnosis)


def test_a_log_without_a_call_tells_nothing() -> None:
    header, _ = header_of("lockdown")
    log = line(f"{header}2") + line("0h !5a000000") + line("0s !2000000") + line("end")
    with pytest.raises(LogError, match="so that no call reached anybody"):
        judged("lockdown", log)


def test_calls_that_nobody_asked_for_count_for_nothing() -> None:
    log = log_of("lockdown", answerer(vm("lockdown")), end=False) + line("fffh 0") + line("end")
    assert judged("lockdown", log).is_as_predicted


def test_the_digest_covers_what_the_vmm_loads() -> None:
    loaded: dict[object, set[str]] = {}
    for name in NAMES:
        key = (examine(name).resolution.actions, tuple(registers_of(policy(name))))
        loaded.setdefault(key, set()).add(header_of(name)[0].digest)
    assert all(len(digests) == 1 for digests in loaded.values())
    assert len(set().union(*loaded.values())) == len(loaded)


def test_an_exception_in_the_middle_ends_a_conduit() -> None:
    lines = log_of("lockdown", answerer(vm("lockdown"))).split("\r\n")
    asked = header_of("lockdown")[1]
    lines[5:] = [line("3h !96000010").strip(), line("end").strip()]
    judgement = judged("lockdown", "\r\n".join(lines))
    (call,) = judgement.of(CallVerdict.DIFFERS)
    assert (call.number, call.seen) == (3, "exception 0x96000010")
    assert call.meaning == "the call ended in an exception of the guest"
    assert len(judgement.of(CallVerdict.NOT_SEEN)) == 2 * len(asked.safe) - 4


def one_call(name: str, func_id: int, rest: str) -> LogJudgement:
    """Judge the log of an image that makes one call alone, which is ``rest`` behind the call's own letters."""
    header, asked = header_of(name, (Conduit.HVC,))
    number = asked.number_of(func_id)
    assert number is not None
    begin = line(f"{header._replace(first=number, calls=1)}1")
    return judged(name, begin + rest.format(number=f"{number:x}h", answer=line(f"{number:x}h -6")))


def test_a_power_off_that_comes_back_is_not_as_predicted() -> None:
    (call,) = one_call("lockdown", 0x8400_0008, "{answer}" + line("end")).calls
    assert (call.verdict, call.expected) == (CallVerdict.DIFFERS, "does not come back")
    assert (call.seen, call.meaning) == ("-6 0 0 0", "the VMM let the guest go on")


def test_a_power_off_that_does_not_come_back_is_as_predicted() -> None:
    judgement = one_call("lockdown", 0x8400_0008, "\r\nsmccc1 {number}")
    assert [call.verdict for call in judgement.calls] == [CallVerdict.AS_PREDICTED]
    assert "The last call that was made is 0x84000008 by HVC." in judgement.diagnosis


def test_a_reset_that_begins_anew_is_told() -> None:
    header, asked = header_of("lockdown", (Conduit.HVC,))
    number = asked.number_of(0x8400_0009)
    assert number is not None
    once = line(f"{header._replace(first=number, calls=1)}1") + f"\r\nsmccc1 {number:x}h"
    judgement = judged("lockdown", once * 3)
    assert judgement.is_as_predicted
    assert "The image began anew 2 times: the first run is judged." in judgement.diagnosis


def test_what_is_torn_or_cut_is_told() -> None:
    log = log_of("lockdown", answerer(vm("lockdown")), end=False).replace("smccc1 3h", "smccc1 WARN 3h", 1)
    assert judged("lockdown", log).diagnosis[-2:] == (
        "1 line is broken; the first is line 6.",
        "The last line is missing, so that the log may have been cut.",
    )
