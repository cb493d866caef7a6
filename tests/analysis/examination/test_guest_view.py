"""A guest that is forwarded no call of another service than KVM's knows what it would know with all tables read."""

import subprocess
import sys

import pytest

from smccc_filter.analysis.examination.guest_view import discoverers, gates
from smccc_filter.guests.relations import SERVICES_OF_OTHERS, kvms_relations, relations
from smccc_filter.kvm.filter import RESERVED
from smccc_filter.smccc import registry
from smccc_filter.smccc.registry.rows import TABLES
from tests.paths import POLICIES, SUFFIX

KVMS = {"smccc", "psci", "pvtime", "kvm"}


def test_the_others_tell_only_of_services_that_kvm_has_not() -> None:
    others = [relation for relation in relations() if relation not in kvms_relations()]
    assert relations() == (*kvms_relations(), *others)
    told = {fid for relation in others for fid in (relation.discovery, *relation.asked)}
    services = {function.service for fid in told for function in registry.by_id(fid)} - {"spm-mm"}
    assert services == {*SERVICES_OF_OTHERS, "vendor-hyp"}


def test_what_leads_to_a_call_of_kvm_is_the_same_without_the_others() -> None:
    asked = {fid for relation in kvms_relations() for fid in relation.asked}
    every, kvms = discoverers(others=True), discoverers(others=False)
    assert kvms == {fid: ways for fid, ways in every.items() if fid in asked}
    assert list(kvms) == [fid for fid in every if fid in asked]
    discoveries = {relation.discovery for relation in kvms_relations()}
    assert gates(others=False) == {fid: gate for fid, gate in gates(others=True).items() if fid in discoveries}


def test_nobody_looks_for_what_no_filter_touches_or_what_is_known_unasked() -> None:
    asked = {fid for relation in relations() for fid in relation.asked}
    reserved = {fid for fid in asked if any(start <= fid < stop for start, stop in RESERVED)}
    ((hvcall, _),) = registry.by_name("HYPERV_HVCALL") or ()
    assert reserved | {hvcall} < asked
    assert not {*discoverers(others=True)} & (reserved | {hvcall})


@pytest.mark.parametrize(
    ("policy", "loaded"),
    [
        ("kvmtool-psci", KVMS | {"sdei", "trng"}),
        ("stolen-time-off", KVMS | {"sdei"}),
        ("ffa-in-vmm", {*TABLES} - {"tfa", "trusty", "rhi"}),
        ("lockdown", {*TABLES}),
    ],
)
def test_a_policy_is_examined_with_the_tables_that_it_needs(policy: str, loaded: set[str]) -> None:
    program = f"""
import pathlib, sys
from smccc_filter.analysis.pipeline import Examiner
Examiner().examine("p.yaml", pathlib.Path({str(POLICIES / policy) + SUFFIX!r}).read_bytes())
print(*sys.modules)
"""
    output = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert {table for table in TABLES if f"smccc_filter.smccc.registry.{table}" in output.split()} == loaded
