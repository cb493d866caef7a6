"""VMMs that are broken by hand, each of which the comparison must tell from a sound one on a live kernel.

The bugs are those that VMMs had, by the names of their classes. Most are changes of the generated text; what goes wrong
around a dispatcher is a mistake of vmm.c, or a filter or dispatcher of another policy; and ``UNSEEN`` says why no
generated code, and nothing around it, has a bug.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from smccc_filter.kvm.profiles import Profile
from tests.artefacts.backends.vmm_mutants import C_MUTANTS, RUST_MUTANTS, Mutant
from tests.programs.live.compare import compare
from tests.programs.live.dispatchers import LANGUAGES, Dispatcher, agent_with
from tests.programs.live.live import LiveKernel
from tests.programs.live.vmm_calls import GuestCalls, guest_calls
from tests.programs.live.vmm_live import VmmKernel, VmmTest, predictor, vmm_test
from tests.programs.live.vmm_policies import VmmPolicy, compile_vmm, random_vmm_policy

POLICY = """\
version: 1
name: everything
target: {stolen_time: true, aarch32: false}
rules:
  - action: forward
    services: [psci]
    vmm:
      version: "1.1"
      implements:
        - PSCI_VERSION
        - PSCI_FEATURES
        - PSCI_CPU_SUSPEND
        - PSCI_CPU_OFF
        - PSCI_CPU_ON
        - PSCI_AFFINITY_INFO
        - PSCI_SYSTEM_OFF
        - PSCI_SYSTEM_RESET
        - PSCI_SYSTEM_RESET2
        - PSCI_SYSTEM_SUSPEND
        - PSCI_SYSTEM_OFF2
      features: {PSCI_CPU_SUSPEND: 0x2, PSCI_SYSTEM_OFF2: 0x1}
  - action: forward
    services: [trng]
    vmm: {version: "1.0", implements: [TRNG_VERSION, TRNG_FEATURES, TRNG_GET_UUID, TRNG_RND]}
  - action: forward
    calls: [VENDOR_HYP_CALL_UID, VENDOR_HYP_KVM_FEATURES, VENDOR_HYP_KVM_PTP]
    vmm: {implements: all}
  - action: forward
    calls: [PV_TIME_FEATURES]
    vmm: {implements: all}
  - action: forward
    ranges: ["0x84010000+32"]
    reason: PSCI's IDs with the SVE hint, none of which is implemented.
    vmm: {implements: [PSCI_CPU_ON]}
"""

FORWARDED = "    services: [psci]\n"
DENIAL = "  - {action: deny, calls: [PSCI_SYSTEM_RESET2]}\n"

SEED = 1
AT_RANDOM = 40
MORE_CALLS = (
    "P 84010000 0",
    "S 8401000a 84000003",
    "P 84000003 ffffffff00000001 2 3",
    "S 84000004 ffffffff00000001 0 3",
)
"""What shows a bug that calls made at random may miss: IDs with the SVE hint, and junk in the first argument alone."""
AARCH32_POLICIES = 25


def _instead(handler: str, old: str) -> tuple[str, str]:
    called = f"status = handlers->{handler}("
    return called, called.replace("handlers", f"{old} handlers")


MORE_C_MUTANTS = (
    Mutant(
        "off2-features-flag",
        "/* PSCI_FEATURES of PSCI_SYSTEM_OFF2/32 */\n    { 0x8400000AU, 0xFFFFFFFFU, 0x84000015U,\n      { 0x1ULL",
        "/* PSCI_FEATURES of PSCI_SYSTEM_OFF2/32 */\n    { 0x8400000AU, 0xFFFFFFFFU, 0x84000015U,\n      { 0x0ULL",
    ),
    Mutant("features-contradicts-call", *_instead("psci_cpu_off", "-3 + 0 *")),
    Mutant("features-contradicts-call", *_instead("psci_system_suspend", "-1 + 0 *")),
    Mutant("cpu-on-status", *_instead("psci_cpu_on", "0 *")),
    Mutant("affinity-values", *_instead("psci_affinity_info", "1 ^")),
    Mutant("affinity-stub", *_instead("psci_affinity_info", "0 *")),
    Mutant("affinity-mask", *_instead("psci_affinity_info", "regs[2] != 0 && (regs[1] & 0xFFU) != 0 ? -2 :")),
    Mutant("off2-type", *_instead("psci_system_off2", "regs[1] != 0 ? -2 :")),
)

MISTAKES = {
    "X0-alone": "stale-x1-x3",
    "exit-field": "no-write-exit-field",
    "PC-advanced": "pc-twice",
    "low-word": "minus-one-not-extended",
    "unknown-ends-VM": "unknown-ends-vm",
    "unknown-untouched": "unknown-not-minus-one",
    "X5-clobbered": "registers beside the results",
}
"""The mistakes of vmm.c that any guest sees, with the class of bugs that each is of."""
AARCH32_MISTAKE = "no-AArch32-check"
AARCH32_BUG = "smc64-twin-aarch32"

UNSEEN = {
    "handlers missing unseen": "the agent gives every handler, so that nobody asks for one that is missing",
    "handler asked what a row answers": "no policy without errors has a call that rows answer in part",
    "arch-features-self": "KVM takes no filter entry for SMCCC_ARCH_FEATURES, so that no VMM answers it: the other"
    " policies compare what KVM says",
}
"""Why some bugs can be in no generated dispatcher, or be seen from no guest of the agent's."""


def _calls(vmm: VmmPolicy) -> GuestCalls:
    calls = guest_calls(vmm.vm, SEED, AT_RANDOM)
    return calls._replace(operations=(*calls.operations, *MORE_CALLS))


class BrokenVmm(NamedTuple):
    """A bug, and the VMM that has it; ``bug`` is empty for a sound one."""

    bug: str
    test: VmmTest
    dispatcher: Dispatcher


def broken_vmms(profile: Profile) -> list[BrokenVmm]:
    """Return sound VMMs, one for each language, and every broken one, for one kernel."""
    vmm = compile_vmm("everything", POLICY.encode(), profile)

    def one(bug: str, language: str, number: int, mutant: Mutant | None = None, mistake: str = "") -> BrokenVmm:
        named = vmm.compiled._replace(name=f"broken-{language}-{number}")
        symbol = named.symbol if language == "c" else ""
        change = partial(mutant.changed, symbol) if mutant else str
        dispatcher = Dispatcher(named, language, change)
        shown = vmm._replace(label=f"everything, {bug or 'sound'} {mistake}".rstrip())
        return BrokenVmm(bug, vmm_test(shown, dispatcher, _calls(shown), mistake), dispatcher)

    found = [one("", language, 0) for language in LANGUAGES]
    found += [one(bug, "c", 0, mistake=mistake) for mistake, bug in MISTAKES.items()]
    for language, mutants in (("c", (*C_MUTANTS, *MORE_C_MUTANTS)), ("rust", RUST_MUTANTS)):
        seen = [mutant for mutant in mutants if mutant.bug not in UNSEEN]
        found += [one(mutant.bug, language, i, mutant) for i, mutant in enumerate(seen, 1)]
    return found


def misfits(profile: Profile) -> list[BrokenVmm]:
    """Return VMMs of which the filter and the dispatcher are not of one policy, for one kernel.

    One denies a call that its dispatcher knows; the filter of the other does not forward the SMC32 form of a call.
    """
    whole = compile_vmm("everything", POLICY.encode(), profile)
    denying = POLICY.replace(FORWARDED, f"{FORWARDED}    except: {{calls: [PSCI_SYSTEM_RESET2]}}\n", 1)
    denying = denying.replace("        - PSCI_SYSTEM_RESET2\n", "") + DENIAL
    denied = compile_vmm("everything but a call that is denied", denying.encode(), profile)
    twinless = POLICY.replace(FORWARDED, f'{FORWARDED}    except: {{ranges: ["0x84000003+1"]}}\n', 1)
    entries = compile_vmm("everything but a twin", twinless.encode(), profile).compiled.entries
    filtered = whole._replace(
        label="everything, a twin not forwarded", compiled=whole.compiled._replace(entries=entries)
    )
    found = []
    for number, (bug, vmm) in enumerate({"filter-not-consulted": denied, "enable-twins": filtered}.items()):
        dispatcher = Dispatcher(whole.compiled._replace(name=f"misfit-{number}"), "c")
        found.append(BrokenVmm(bug, vmm_test(vmm, dispatcher, _calls(vmm)), dispatcher))
    return found


def aarch32_vmms(profile: Profile, seeds: Sequence[int]) -> list[BrokenVmm]:
    """Return sound VMMs of AArch32 guests, and one that answers their SMC64 calls as those of AArch64.

    That is generated for AArch64 guests, for code for others knows no SMC64 call.
    """
    found = []
    for seed in seeds:
        vmm = compile_vmm(f"seed {seed} of a VMM, AArch32 guest", random_vmm_policy(seed, aarch32=True), profile)
        dispatcher = Dispatcher(vmm.compiled._replace(name=f"aarch32-{seed}"), LANGUAGES[seed % len(LANGUAGES)])
        found.append(BrokenVmm("", vmm_test(vmm, dispatcher, guest_calls(vmm.vm, seed)), dispatcher))
    aarch64 = compile_vmm("everything", POLICY.encode(), profile)
    aarch32 = compile_vmm(
        "everything, AArch32 guest", POLICY.replace("aarch32: false", "aarch32: true").encode(), profile
    )
    right, wrong = (
        Dispatcher(one._replace(name=f"everything-{i}"), "c")
        for i, one in enumerate((aarch32.compiled, aarch64.compiled))
    )
    for dispatcher, bug, mistake in ((right, "", ""), (wrong, AARCH32_BUG, AARCH32_MISTAKE)):
        shown = aarch32._replace(label=f"everything, AArch32 guest, {bug or 'sound'}")
        found.append(BrokenVmm(bug, vmm_test(shown, dispatcher, _calls(shown), mistake), dispatcher))
    return found


def check_broken(live: LiveKernel, seed: int) -> bool:
    """Ask the guests of sound and broken VMMs in one boot. True where every bug shows and no sound VMM differs."""
    profile = live.profile
    vmms = [*broken_vmms(profile), *misfits(profile), *aarch32_vmms(profile, range(seed, seed + AARCH32_POLICIES))]
    agent = agent_with({vmm.dispatcher.name: vmm.dispatcher for vmm in vmms}.values())
    tests = [vmm.test for vmm in vmms]
    comparison = compare(profile, [test.policy for test in tests], VmmKernel(live, agent).ask, predictor(tests))
    differ = {failure.policy: failure.differences for failure in comparison.failures}
    missed = [vmm for vmm in vmms if vmm.bug and vmm.test.policy not in differ]
    sound = [vmm for vmm in vmms if not vmm.bug]
    wrong = [vmm for vmm in sound if vmm.test.policy in differ]
    bugs = {vmm.bug for vmm in vmms if vmm.bug}
    live.log(
        f"  {len(vmms) - len(sound)} broken VMMs with bugs of {len(bugs)} kinds beside {len(sound)} sound ones:"
        f" {len(missed)} bugs are missed, {len(wrong)} sound VMMs differ"
    )
    for vmm in missed:
        live.log(f"  MISSED {vmm.bug} in {vmm.test.policy.label} by {vmm.dispatcher.name}")
    for vmm in wrong:
        live.log(f"  {vmm.test.policy.label}:")
        live.print_differences("predicted", differ[vmm.test.policy])
    return not missed and not wrong
