"""The model and live kernels, as ``python -m tests.programs.live`` compares them: minutes, so on demand only.

CI sets ``SMCCC_FILTER_LIVE=1``; what is missing then fails the test.
"""

import os
import re

import pytest

from tests.programs.live.__main__ import main
from tests.programs.live.hosts import GUESTS, NESTED, PROTECTED, WITH_AARCH32
from tests.programs.live.image_guests import ALONE, BROKEN, GICV2, MISTAKES, SOUND
from tests.programs.live.packages import SUITES
from tests.programs.live.toolchain import INSTALL

MIN_CALLS = 300
"""What a kernel is asked at least of each kind of guest."""

MIN_VMMS, MIN_CALLS_EACH = 1000, 20
"""How many VMMs of generated code a kernel runs at least, and what the guest of each calls by HVC, and by SMC."""
MIN_BROKEN = 60
MIN_IMAGE_CALLS = 300
"""What the image asks of each VMM at least."""

SAID_OF_GUESTS = {
    "guest unfiltered: .*; TRNG present\n": 2,
    "guest vcpu-hotplug: .*boots: 1, the VMM handled 6 cpu_on, 3 cpu_off, 0 system_off, 0 system_reset, ": 2,
    "guest kvmtool-psci: .*boots: 2, the VMM handled 12 cpu_on, 6 cpu_off, 1 system_off, 1 system_reset, ": 1,
    "guest trng-in-vmm: .*the VMM handled .*, [1-9][0-9]+ words\n": 1,
    "guest kvmtool-psci-unanswered differs, as it must: .*PSCIv1.0 detected": 1,
}
"""How often a line is printed: of a guest on each kernel, or on the newest alone."""

pytestmark = pytest.mark.skipif(
    os.environ.get("SMCCC_FILTER_LIVE") != "1", reason=f"needs SMCCC_FILTER_LIVE=1, and: {INSTALL}"
)


def test_kernels_and_guests_do_what_the_model_says(capfd: pytest.CaptureFixture[str]) -> None:
    """One test, so that runs in parallel neither share the machine's CPUs nor fetch the same packages twice."""
    assert main([]) == 0, capfd.readouterr()
    said = capfd.readouterr().out
    assert said.count(" 0 policies differ\n") == len([*SUITES, WITH_AARCH32, NESTED, PROTECTED, *SUITES])
    for kind in GUESTS:
        (calls,) = re.findall(rf" {re.escape(kind.name)} guests make (\d+) calls\n", said)
        assert int(calls) >= MIN_CALLS
    found = re.findall(
        r" (\d+) VMMs of generated code, (\d+) discovery pairs, .* at least (\d+) by each of every", said
    )
    assert len(found) == len(SUITES)
    for vmms, pairs, least in (map(int, numbers) for numbers in found):
        assert vmms >= MIN_VMMS
        assert pairs >= vmms
        assert least >= MIN_CALLS_EACH
    ((broken, missed, wrong),) = re.findall(
        r" (\d+) broken VMMs with .*: (\d+) bugs are missed, (\d+) sound VMMs differ\n", said
    )
    assert (int(broken) >= MIN_BROKEN, missed, wrong) == (True, "0", "0")
    assert main(["--guest"]) == 0, capfd.readouterr()
    said = capfd.readouterr().out
    for text, count in SAID_OF_GUESTS.items():
        assert len(re.findall(text, said)) == count, said
    assert main(["--image"]) == 0, capfd.readouterr()
    said = capfd.readouterr().out
    for guest in (*SOUND, *ALONE, *GICV2, *MISTAKES, *BROKEN):
        calls, differing = re.findall(rf" image {guest.under.name}: (\d+) calls, (\d+) differ, ", said)[0]
        assert int(calls) >= MIN_IMAGE_CALLS if guest.only is None else calls == "1"
        assert (int(differing) == 0) is (guest in {*SOUND, *ALONE, *GICV2})
