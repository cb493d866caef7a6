"""What a policy says of its VMM becomes tables, if it says it of all that is forwarded and it holds on every kernel."""

import pytest

from smccc_filter.analysis import pipeline
from smccc_filter.analysis.pipeline import Examination
from smccc_filter.artefacts.backends import FORMATS
from smccc_filter.artefacts.backends.program import VmmProgram

HEAD = """version: 1
name: p
target: {kernels: ["6.12", "7.3"], psci: "1.1", stolen_time: true}
rules:
"""
PSCI = """
  - name: psci
    action: forward
    services: [psci]
    vmm:
      version: "1.1"
      implements: [PSCI_VERSION, PSCI_FEATURES, PSCI_CPU_ON, PSCI_CPU_OFF, PSCI_CPU_SUSPEND]
      features: {PSCI_CPU_SUSPEND: 0x2}
"""
TRNG = """
  - {action: forward, services: [trng]}
"""


def test_what_was_never_examined_has_no_answers() -> None:
    examination = examined(PSCI)
    assert pipeline.answers(examination).program
    assert pipeline.answers(examination._replace(inquiry=None)).program is None


def examined(rules: str) -> Examination:
    return pipeline.examine("p.yaml", (HEAD + rules).encode())


def program_of(rules: str) -> VmmProgram:
    program = pipeline.program(examined(rules)).vmm
    assert program is not None
    return program


def test_the_version_and_each_feature_are_answered_and_the_rest_is_handled() -> None:
    program = program_of(PSCI)
    answers = {(answer.func_id, answer.asked): answer.registers for answer in program.answers}
    assert answers[0x8400_0000, None] == (0x1_0001, 0, 0, 0)
    assert answers[0x8400_000A, 0x8400_0001] == answers[0x8400_000A, 0xC400_0001] == (2, 0, 0, 0)
    assert answers[0x8400_000A, 0x8400_0003] == answers[0x8400_000A, 0x8000_0000] == (0, 0, 0, 0)
    assert (0x8400_000A, 0x8400_0004) not in answers
    assert program.handled == (0x8400_0001, 0x8400_0002, 0x8400_0003, 0xC400_0001, 0xC400_0003)


@pytest.mark.parametrize("artefact_format", FORMATS)
def test_every_format_is_proved(artefact_format: str) -> None:
    assert pipeline.build(examined(PSCI), artefact_format).proved in {0, 1 << 32}


def test_without_a_word_of_the_vmm_there_are_no_tables_and_nothing_is_missed() -> None:
    examination = examined(TRNG)
    assert pipeline.program(examination).vmm is None
    assert pipeline.answers(examination) == (None, "")


def test_a_forwarded_call_that_no_rule_describes_leaves_no_tables_and_is_named() -> None:
    examination = examined(PSCI + TRNG)
    assert pipeline.program(examination).vmm is None
    assert "0x84000050-0x8400005F is forwarded" in pipeline.answers(examination).missing


def test_answers_that_differ_leave_no_tables_where_that_is_allowed() -> None:
    text = """version: 1
name: p
target: {kernels: ["6.12", "7.3"]}
allow: [{code: V704, reason: known}, {code: K405, reason: known}]
rules:
  - action: forward
    calls: [PSCI_VERSION, PSCI_FEATURES]
    vmm: {version: "1.1", implements: all}
"""
    examination = pipeline.examine("p.yaml", text.encode())
    assert not examination.has_errors
    assert pipeline.program(examination).vmm is None
    assert pipeline.answers(examination).missing.endswith("Linux 6.12 and 7.3")
