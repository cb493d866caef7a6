"""What guests find under a VMM made of generated code, compared with what the model says: on a live kernel.

Every policy is answered by a dispatcher of its own, one half of them in C and the other in Rust. Kernels on which a
policy comes to the same code share it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from smccc_filter.artefacts.backends.program import CompiledPolicy
from smccc_filter.kvm.arm import VcpuFeature
from smccc_filter.kvm.profiles import Profile
from tests.artefacts.backends.vmm_c import names_of
from tests.programs.live.agent import ask
from tests.programs.live.compare import CALLS, Predict, Prediction
from tests.programs.live.dispatchers import LANGUAGES, Dispatcher
from tests.programs.live.live import LiveKernel, check_policies
from tests.programs.live.policies import Policy
from tests.programs.live.predict import PredictedVm
from tests.programs.live.vmm_calls import GuestCalls, guest_calls, predict_call
from tests.programs.live.vmm_policies import VmmPolicy, compile_vmm, random_vmm_policy
from tests.programs.live.written import artefacts, installation

CONDUIT_WORDS = "PS"


class VmmTest(NamedTuple):
    """A policy on one kernel: the VM's operations with the dispatcher chosen, and how many discovery pairs they ask."""

    vmm: VmmPolicy
    policy: Policy
    pairs: int


class VmmTests(NamedTuple):
    """The tests of every kernel, by its profile's name, and the dispatchers of all."""

    by_kernel: Mapping[str, Sequence[VmmTest]]
    dispatchers: Sequence[Dispatcher]


def vmm_tests(profiles: Sequence[Profile], seeds: Sequence[int]) -> VmmTests:
    """Write the policy of each seed, and compile it for each kernel."""
    shared: dict[CompiledPolicy, Dispatcher] = {}
    tests: dict[str, list[VmmTest]] = {profile.name: [] for profile in profiles}
    for seed in seeds:
        data = random_vmm_policy(seed)
        for profile in profiles:
            vmm = compile_vmm(f"seed {seed} of a VMM", data, profile)
            if vmm.compiled not in shared:
                named = vmm.compiled._replace(name=f"vmm-{len(shared)}")
                shared[vmm.compiled] = Dispatcher(named, LANGUAGES[seed % len(LANGUAGES)])
            tests[profile.name].append(vmm_test(vmm, shared[vmm.compiled], guest_calls(vmm.vm, seed)))
    return VmmTests(tests, tuple(shared.values()))


def vmm_test(vmm: VmmPolicy, dispatcher: Dispatcher, calls: GuestCalls, mistake: str = "") -> VmmTest:
    """Have a guest's calls answered by a dispatcher, in a VMM that makes a mistake if one is named."""
    fresh, *others = installation(vmm.examination, *artefacts(vmm.compiled))
    if vmm.vm.machine.aarch32:
        fresh = f"V {VcpuFeature.EL1_32BIT | (VcpuFeature.PSCI_0_2 if fresh == 'V' else 0):x}"
    chosen = f"D {dispatcher.name} {mistake}".rstrip()
    label = f"{vmm.label}, answered in {dispatcher.language}"
    return VmmTest(vmm, Policy(label, (fresh, *others, chosen, *calls.operations)), calls.pairs)


def check_vmms(live: LiveKernel, tests: Sequence[VmmTest], agent: bytes) -> bool:
    """Ask each guest's questions, and print what differs. True where nothing does."""
    calls = Counter(operation[0] for test in tests for operation in test.policy.operations if operation[0] in CALLS)
    least = min(
        sum(operation[0] == word for operation in test.policy.operations) for test in tests for word in CONDUIT_WORDS
    )
    live.log(
        f"  {len(tests)} VMMs of generated code, {sum(test.pairs for test in tests)} discovery pairs,"
        f" {calls['P']} calls by HVC and {calls['S']} by SMC, at least {least} by each of every guest"
    )
    boot = VmmKernel(live, agent)
    return check_policies(boot, [test.policy for test in tests], predictor(tests))


class VmmKernel(LiveKernel):
    """A live kernel under an agent that has dispatchers."""

    def __init__(self, live: LiveKernel, agent: bytes) -> None:
        super().__init__(live.kernel, live.profile, live.log, live.host)
        self._agent = agent

    def ask(self, operations: Sequence[str]) -> Sequence[str]:
        """Answer in one boot."""
        answers = ask(self.kernel, self.host, operations, self._agent)
        self.log(f"  {len(operations)} operations in {answers.seconds:.1f} s on {self.host}")
        return answers.lines


def predictor(tests: Sequence[VmmTest]) -> Predict:
    """Return what predicts the answers to the operations of one VM, by the dispatcher that they choose."""
    by_choice = {_choice(test.policy.operations): test.vmm for test in tests}

    def predict(profile: Profile, operations: Sequence[str]) -> list[Prediction]:
        vmm = by_choice[_choice(operations)]
        if vmm.compiled.vmm is None:
            raise ValueError(f"{vmm.label} has no code")
        kvm, names = PredictedVm(profile), names_of(vmm.compiled)
        predictions: list[Prediction] = []
        for operation in operations:
            if operation[0] in CALLS:
                predictions.append(predict_call(vmm.vm, vmm.compiled.vmm, names, operation))
            else:
                predictions.append("ok" if operation[0] == "D" else kvm.answer(operation))
        return predictions

    return predict


def _choice(operations: Sequence[str]) -> str:
    return next(operation for operation in operations if operation[0] == "D")
