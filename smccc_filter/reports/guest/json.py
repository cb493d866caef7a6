"""What a guest discovers as JSON for programs, in a versioned shape of its own."""

from collections.abc import Sequence

from smccc_filter.analysis.discovery import GuestDiscovery, discover
from smccc_filter.guests.beliefs import Belief
from smccc_filter.guests.discovery import DiscoveryAnswer
from smccc_filter.guests.setup import Refusal, VmSetup
from smccc_filter.reports.paper.json import VERSION, dumps
from smccc_filter.smccc.function_id import show


def render(setups: Sequence[VmSetup]) -> str:
    """Write one guest as an object, several as a list of such objects under ``guests``."""
    guests = [_guest(discover(setup)) for setup in setups]
    return dumps({"version": VERSION} | (guests[0] if len(guests) == 1 else {"guests": guests}))


def refusal(row: Refusal) -> dict[str, object]:
    """Describe what a kernel refuses; ``value`` is that of the register, null for a filter or a capability."""
    return {"key": row.key, "value": None if row.value is None else f"0x{row.value:X}", "errno": row.errno}


def _guest(found: GuestDiscovery) -> dict[str, object]:
    return {
        "kernel": found.kernel,
        "conduit": found.conduit,
        "refusals": [refusal(row) for row in found.refusals],
        "boot": {"beliefs": [_belief(belief) for belief in found.beliefs], "log": found.log},
        "answers": [_answer(answer) for answer in found.answers],
    }


def _belief(belief: Belief) -> dict[str, object]:
    return {"topic": belief.topic, "value": belief.value, "known": belief.known}


def _answer(answer: DiscoveryAnswer) -> dict[str, object]:
    """Describe one answer; ``by`` is there where the policy says what the VMM makes of the call."""
    return {
        "discovery": show(answer.discovery),
        "asked": show(answer.asked),
        "advertised": answer.advertised,
        "call": answer.call,
        "consistent": answer.consistent,
        **({"by": "vmm"} if answer.got.by_vmm else {}),
    }
