"""What an artefact says of the VMM's half is proved against the policy's, for every pair of an ID and an argument."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smccc_filter.artefacts.backends import backend
from smccc_filter.artefacts.backends.handlers import Handler, HandlerArgument, HandlerShape, handlers_of
from smccc_filter.artefacts.backends.program import CompiledPolicy, DecodedVmm, VmmAnswerRow, VmmProgram
from smccc_filter.artefacts.backends.proof import ProofError, prove
from smccc_filter.smccc import registry
from smccc_filter.smccc.function_id import SPACE
from smccc_filter.smccc.signatures.shape import Returns
from tests.artefacts.backends.programs import action_map
from tests.artefacts.backends.vmm_programs import CALLS, EVERYTHING, KVMTOOL_VMM, VMM_PROGRAMS, drawn

# Words of C, C++ and Rust that cannot be a name there, and names that every handler has
KEYWORDS = re.findall(
    r"\w+",
    """
as async await bool break case catch char class const continue crate default delete do double dyn
else enum extern false final float fn for goto if impl in inline int let long loop match mod move
mut namespace new operator out private protected pub public ref register return self short signed
sizeof static struct super switch template this throw trait true try type typedef typename union
unsafe unsigned use using vcpu virtual void volatile where while abstract become box macro override
priv unsized yield typeof
    """,
)


def proved(program: CompiledPolicy, decoded: DecodedVmm | None) -> int:
    form = backend("json")
    artefact = form.decode(form.emit(program))._replace(vmm=decoded)
    registers = tuple((register.id, register.value) for register in program.registers)
    return prove(action_map(program.entries), artefact, registers, (program.name, None), program.vmm)


def decoded_of(program: CompiledPolicy) -> DecodedVmm:
    assert program.vmm is not None
    return DecodedVmm(*program.vmm, handlers_of(program.vmm.handled, program.vmm.answered))


@pytest.mark.parametrize("name", ["c", "rust", "json"])
@given(program=st.one_of(st.sampled_from(VMM_PROGRAMS), st.builds(drawn, st.integers(0, 1 << 32))))
def test_honest_artefacts_are_proved(name: str, program: CompiledPolicy) -> None:
    decoded = backend(name).decode(backend(name).emit(program))
    registers = tuple((register.id, register.value) for register in program.registers)
    assert prove(action_map(program.entries), decoded, registers, (program.name, None), program.vmm) == SPACE


def mutations(half: DecodedVmm) -> Iterator[tuple[int, DecodedVmm]]:
    """Yield what may be there by mistake, and the ID about which it is wrong."""
    for i, answer in enumerate(half.answers):
        before, after = half.answers[:i], half.answers[i + 1 :]
        x0, *others = answer.registers
        zeros = not any(others) and x0 == 0xFFFF_FFFF_FFFF_FFFF
        if not zeros:
            yield answer.func_id, half._replace(answers=before + after)
        yield answer.func_id, half._replace(answers=(*before, answer, answer, *after))
        for place in range(4):
            words = list(answer.registers)
            words[place] ^= 1 << (17 * place)
            changed = answer._replace(registers=(words[0], words[1], words[2], words[3]))
            yield answer.func_id, half._replace(answers=(*before, changed, *after))
        if answer.asked is not None:
            yield answer.func_id, half._replace(answers=(*before, answer._replace(asked=0xFFFF_FFFE), *after))
            yield answer.func_id, half._replace(answers=(*before, answer._replace(asked=None), *after))
        else:
            yield answer.func_id, half._replace(answers=(*before, answer._replace(asked=0), *after))
    for i, func_id in enumerate(half.handled):
        rest = half.handled[:i] + half.handled[i + 1 :]
        yield func_id, half._replace(handled=rest)
        yield func_id, half._replace(answers=(*half.answers, VmmAnswerRow(func_id, None, (0, 0, 0, 0))))
    yield 0xFFFF_0000, half._replace(answers=(*half.answers, VmmAnswerRow(0xFFFF_0000, None, (0, 0, 0, 0))))
    yield 0x8600_1111, half._replace(handled=tuple(sorted([*half.handled, 0x8600_1111])))
    for i, handler in enumerate(half.handlers or ()):
        for wrong in (
            handler._replace(name="psci_cpu_off_"),
            handler._replace(func_ids=handler.func_ids[1:] or (1,)),
            handler._replace(arguments=(*handler.arguments, HandlerArgument(7, "more", is_wide=True))),
            handler._replace(returns=Returns.NEVER if handler.returns is Returns.ALWAYS else Returns.ALWAYS),
        ):
            others_of = half.handlers or ()
            yield handler.func_ids[0], half._replace(handlers=(*others_of[:i], wrong, *others_of[i + 1 :]))
    if half.handlers:
        yield half.handlers[-1].func_ids[0], half._replace(handlers=half.handlers[:-1])


@pytest.mark.parametrize("program", [KVMTOOL_VMM, EVERYTHING], ids=lambda program: program.name)
def test_every_mutation_is_found(program: CompiledPolicy) -> None:
    half = decoded_of(program)
    assert proved(program, half) == SPACE
    assert proved(program, half._replace(handlers=None)) == SPACE
    for func_id, mutated in mutations(half):
        with pytest.raises(ProofError) as caught:
            proved(program, mutated)
        asked = [row.func_id for row in mutated.answers]
        assert caught.value.fid == func_id or asked != sorted(asked), mutated


def test_rows_out_of_order_are_no_proof() -> None:
    half = decoded_of(KVMTOOL_VMM)
    with pytest.raises(ProofError, match="out of order"):
        proved(KVMTOOL_VMM, half._replace(answers=half.answers[::-1]))
    with pytest.raises(ProofError, match="out of order"):
        proved(KVMTOOL_VMM, half._replace(handled=half.handled[::-1]))


def test_a_half_that_only_one_of_them_has_is_no_proof() -> None:
    with pytest.raises(ProofError, match="something of what the VMM answers, the artefact nothing"):
        proved(KVMTOOL_VMM, None)
    with pytest.raises(ProofError, match="nothing of what the VMM answers, the artefact something"):
        proved(KVMTOOL_VMM._replace(vmm=None), decoded_of(KVMTOOL_VMM))


def test_message_names_the_id_what_it_is_asked_and_both_answers() -> None:
    half = decoded_of(KVMTOOL_VMM)
    with pytest.raises(ProofError) as caught:
        proved(KVMTOOL_VMM, half._replace(answers=half.answers[:-1]))
    assert str(caught.value) == (
        "0x8400000A: the policy says 0x0, 0x0, 0x0, 0x0 of 0xC4000004, the artefact 0xFFFFFFFFFFFFFFFF, 0x0, 0x0, 0x0"
    )


@pytest.mark.parametrize("name", ["c", "rust", "json"])
def test_a_program_that_contradicts_itself_is_no_artefact(name: str) -> None:
    assert KVMTOOL_VMM.vmm
    both = KVMTOOL_VMM.vmm.handled[0]
    answers = (*KVMTOOL_VMM.vmm.answers[:1], VmmAnswerRow(both, None, (1, 0, 0, 0)), *KVMTOOL_VMM.vmm.answers[1:])
    program = KVMTOOL_VMM._replace(vmm=VmmProgram(answers, KVMTOOL_VMM.vmm.handled))
    decoded = backend(name).decode(backend(name).emit(program))
    with pytest.raises(ProofError, match="an answer and a handler"):
        prove(action_map(program.entries), decoded, (), (program.name, None), program.vmm)


def test_every_call_has_one_handler_with_a_name_of_its_own() -> None:
    handlers = handlers_of(set(CALLS), frozenset())
    names = [handler.name for handler in handlers]
    assert sorted(fid for handler in handlers for fid in handler.func_ids) == sorted(set(CALLS))
    assert len(set(names)) == len(names)
    words = {*names, *(name for handler in handlers for _, name, _ in handler.arguments)}
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", word) for word in words)
    assert not words.intersection(KEYWORDS)
    for handler in handlers:
        outputs = {f"out_{name}" for _, name in handler.outputs}
        assert not outputs & {name for _, name, _ in handler.arguments}


@pytest.mark.parametrize(
    ("func_ids", "handler"),
    [
        ([0xC200_1234], Handler("call_c2001234", (0xC200_1234,), HandlerShape.RAW)),
        ([7], Handler("call_00000007", (7,), HandlerShape.RAW)),
        (
            [0xC400_0053],
            Handler(
                "trng_rnd",
                (0xC400_0053,),
                HandlerShape.ENTROPY,
                Returns.ALWAYS,
                (HandlerArgument(1, "n", is_wide=True),),
            ),
        ),
        ([0x8000_0002], Handler("smccc_arch_soc_id", (0x8000_0002,), HandlerShape.RAW)),  # a name in X1 to X17
        ([0x8000_8000], Handler("smccc_arch_workaround_1", (0x8000_8000,), HandlerShape.RAW)),  # no result
        ([0x8400_0008], Handler("psci_system_off", (0x8400_0008,), HandlerShape.NOTHING, Returns.NEVER)),
    ],
)
def test_a_handler_is_what_its_signature_says(func_ids: list[int], handler: Handler) -> None:
    assert handlers_of(func_ids, frozenset()) == (handler,)


def test_forms_of_one_call_share_a_handler() -> None:
    (handler,) = handlers_of([0xC400_0003, 0x8400_0003], frozenset())
    assert (handler.name, handler.func_ids) == ("psci_cpu_on", (0x8400_0003, 0xC400_0003))
    assert registry.described("PSCI_CPU_ON")


TEXTS = [
    ("json", '"asked": null', '"asked": 1'),
    ("json", '"asked": null', '"more": 1, "asked": null'),
    ("json", '"results": ["0x10001", ', '"results": ["0x10001", "0x0", '),
    ("json", '"results": ["0x10001", ', '"results": ["0x10001"], "was": ['),
    ("json", '"results": ["0x10001", ', '"results": [65537, '),
    ("json", '"handled": [', '"handled": [1, '),
    ("json", '"handled": [', '"more": 1, "handled": ['),
    ("c", "ANSWER_COUNT 13U", "ANSWER_COUNT 11U"),
    ("c", "HANDLED_COUNT 9U", "HANDLED_COUNT 8U"),
    ("c", "FID_84000003 0x84000003U", "FID_84000003 0x84000004U"),
    ("c", "/* PSCI_CPU_ON/32 */", "/* PSCI_CPU_OFF */"),
    ("c", "/* PSCI_FEATURES of PSCI_VERSION */", "/* PSCI_FEATURES of PSCI_CPU_OFF */"),
    ("c", "0x8400000AU, 0xFFFFFFFFU, 0x84000003U", "0x8400000AU, 0xFFFFFFF0U, 0x84000003U"),
    ("c", "0x8400000AU, 0xFFFFFFFFU, 0x84000003U", "0x8400000AU, 0x00000000U, 0x84000003U"),
    ("c", "/* PSCI_CPU_ON */", "/* PSCI_CPU_ON: never */"),
    ("c", "/* PSCI_CPU_ON */", "/* PSCI_CPU_OFF */"),
    ("c", "int64_t (*psci_cpu_on)(", "void (*psci_cpu_on)("),
    ("c", "uint64_t target_cpu,", "uint32_t target_cpu,"),
    ("c", "uint64_t target_cpu,", "uint64_t * target_cpu,"),
    ("c", "regs[1] & kvmtool_psci_used(regs)", "regs[1]"),
    ("c", '"psci_cpu_on" }', '"psci_cpu_off" }'),
    ("c", "status = handlers->psci_cpu_on(", "handlers->psci_cpu_on("),
    ("c", "status = handlers->psci_cpu_off(", "status = handlers->psci_cpu_on("),
    ("rust", "[Answer; 13]", "[Answer; 11]"),
    ("rust", "HANDLED: [u32; 9]", "HANDLED: [u32; 8]"),
    ("rust", "// PSCI_CPU_ON/32", "// PSCI_CPU_OFF"),
    ("rust", "    /// `PSCI_CPU_ON`.", "    /// `PSCI_CPU_OFF`."),
    ("rust", "    /// `PSCI_CPU_ON`.", "    /// `PSCI_CPU_ON`: never."),
    ("rust", "target_cpu: u64", "target_cpu: u32"),
    ("rust", "target_cpu: u64", "x: &[u64; 18]"),
    ("rust", "x[1] & used(x)", "x[1]"),
    ("rust", "let status = handlers.psci_cpu_on(", "handlers.psci_cpu_on("),
    ("rust", "let status = handlers.psci_cpu_on(", "let status = handlers.psci_cpu_off("),
    (
        "rust",
        "INTERNAL_FAILURE, out)",
        "status, out)",
    ),
    ("rust", "        | 0xC400_0003", "        0xC400_0003"),
]


@pytest.mark.parametrize(("name", "old", "new"), TEXTS)
def test_text_that_was_not_emitted_is_refused(name: str, old: str, new: str) -> None:
    text = backend(name).emit(KVMTOOL_VMM).decode()
    assert old in text
    with pytest.raises(ValueError, match=r".+"):
        backend(name).decode(text.replace(old, new).encode())


RAW_TEXTS = [
    ("c", "        const uint64_t *regs,\n        uint64_t *results", "        const uint64_t *regs"),
    ("c", "        uint64_t n,\n        uint8_t *entropy", "        uint64_t n"),
    ("c", "&out[1],\n", "&out[0],\n"),
    ("rust", "x: &[u64; 18], results: &mut [u64; 4]", "x: &[u64; 18]"),
    ("rust", "n: u64, entropy: &mut [u8; 24]", "n: u64"),
    ("rust", "let [_, x1, x2, _] = &mut out;", "let [_, _, x2, _] = &mut out;"),
]


@pytest.mark.parametrize(("name", "old", "new"), RAW_TEXTS)
def test_text_of_other_shapes_that_was_not_emitted_is_refused(name: str, old: str, new: str) -> None:
    text = backend(name).emit(EVERYTHING).decode()
    assert old in text
    mutated = text.replace(old, new).encode()
    registers = tuple((register.id, register.value) for register in EVERYTHING.registers)
    with pytest.raises((ValueError, ProofError)):  # noqa: PT012 - either may refuse it
        decoded = backend(name).decode(mutated)
        prove(action_map(EVERYTHING.entries), decoded, registers, (EVERYTHING.name, None), EVERYTHING.vmm)
