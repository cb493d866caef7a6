"""What `guest` and `query` have in common: the policy of which they are asked, and the kernels."""

import json

import pytest

from smccc_filter.kvm.profiles import NEWEST, RELEASES
from tests.cli.tool import run, run_process
from tests.commands.asked import HEAD, answered, completions, examine, invoke, path

GUEST = ("guest",)
QUERY = ("query", "PSCI_CPU_ON")
each_command = pytest.mark.parametrize("words", [GUEST, QUERY], ids=["guest", "query"])

BAD_KERNELS = {
    "v6.12": "no kernel `v6.12` is known; did you mean `6.12`?",
    "v6.12.0": "no kernel `v6.12.0` is known; did you mean `6.12`?",
    "06.012.112": "no kernel `06.012.112` is known; did you mean `6.12.112`?",
    "6..12": "no kernel `6..12` is known; did you mean `6.12`?",
    "linux-6.12.112-cloud-arm64": "no kernel `linux-6.12.112-cloud-arm64` is known; did you mean `6.12.112`?",
    "6.12.0-1 amd64": "no kernel `6.12.0-1 amd64` is known; did you mean `6.12`?",
    "6.1.0-18-arm64": "Linux 6.1.0-18-arm64 has no SMCCC filter; name a kernel from 6.4 on",
    "linux-6.12-rc1": "no kernel `linux-6.12-rc1` is known; did you mean `6.12`?",
    "\uff16.1\u0968": "no kernel `\uff16.1\u0968` is known; did you mean `6.12`?",
    "6.12 ": "no kernel `6.12 ` is known; did you mean `6.12`?",
    "6.120": "no kernel `6.120` is known; known are 6.4 to 7.3",
    "6." + "1" * 5000: "...` is known; known are 6.4 to 7.3",
    "8.9": "no kernel `8.9` is known; known are 6.4 to 7.3 and their stable releases, such as `6.12.112`",
    "6.3": "Linux 6.3 has no SMCCC filter; name a kernel from 6.4 on",
    "5.10.7": "Linux 5.10.7 has no SMCCC filter; name a kernel from 6.4 on",
    "x" * 1_000 + "-6.12": "...` is known; known are 6.4 to 7.3",
    "latest": "no kernel `latest` is known; known are 6.4 to 7.3",
    "612": "no kernel `612` is known; did you mean `6.12`?",
    "": "no kernel `` is known; known are 6.4 to 7.3",
    "6.12,7.3": "no kernel `6.12,7.3` is known; did you mean `6.1",
    "6.12\x1b[31m": "no kernel `6.12\\x1b[31m` is known; did you mean `6.1",
    "9" * 10_000: "is known; known are 6.4 to 7.3",
}

RUNNING = {
    "6.12.0": "6.12",
    "6.12.0-1-arm64": "6.12",
    "6.8.0-45-generic": "6.8",
    "6.12.43+deb13-arm64": "6.12.43",
    "6.12.112-cloud-arm64": "6.12.112",
    "7.2.9-200.fc45.aarch64": "7.2.9",
    "7.3-rc4": "7.3",
}
"""What ``uname -r`` prints, and the release that it is of."""

UNCLEAR = {
    "not-yaml": ("rules: [", "error[P101] syntax: "),
    "unknown-name": (f"{HEAD}rules: [{{action: deny, calls: [PSCI_CPU_ONN]}}]\n", "error[P104] unknown-name: "),
    "overlap": (f"{HEAD}rules: [{{action: deny, ranges: [0x82000001, 0x82000001]}}]\n", "error[R201] overlap: "),
    "empty-range": (f"{HEAD}rules: [{{action: deny, ranges: [0x84000003+0]}}]\n", "error[R203] empty-range: "),
    "unknown-kernel": (f'{HEAD}target: {{kernels: ["8.9"]}}\n', "error[P104] unknown-name: no kernel `8.9` is known"),
    "number-for-kernel": (f"{HEAD}target: {{kernels: [6.12]}}\n", "error[P103] invalid-value: "),
}
"""Policies of which nobody can tell what they come to, and what is said of them."""


def kernels(words: tuple[str, ...], *arguments: str, policy: str | None = None) -> list[str]:
    """Return the kernels of which a command speaks."""
    document = json.loads(invoke(words[0], "--format", "json", *arguments, *words[1:], policy=policy).stdout)
    if words is QUERY:
        return list(document["results"][0]["outcomes"])
    return [guest["kernel"] for guest in document.get("guests", [document])]


@each_command
@pytest.mark.parametrize(("printed", "release"), RUNNING.items())
def test_a_kernel_may_be_named_as_it_names_itself(words: tuple[str, ...], printed: str, release: str) -> None:
    assert kernels(words, "--kernel", printed, path("kvmtool-psci")) == [release]


@each_command
def test_a_kernel_that_is_named_twice_is_asked_once(words: tuple[str, ...]) -> None:
    named = ("--kernel", "7.3", "--kernel", "7.3.0-1-arm64", "--kernel", "6.12", "--kernel", "7.3")
    assert kernels(words, *named, path("kvmtool-psci")) == ["7.3", "6.12"]


@each_command
def test_kernels_are_the_policys_targets(words: tuple[str, ...]) -> None:
    assert kernels(words, path("kvmtool-psci")) == ["6.4", "6.12", "7.3"]


@each_command
def test_kernel_is_the_newest_for_a_policy_without_targets(words: tuple[str, ...]) -> None:
    assert kernels(words, "-", policy=HEAD) == [NEWEST.name]


@each_command
def test_kernels_are_those_asked_for_in_order_and_once(words: tuple[str, ...]) -> None:
    asked = [f"--kernel={name}" for name in ("6.18", "6.12.112", "6.5", "6.18")]
    assert kernels(words, *asked, path("kvmtool-psci")) == ["6.18", "6.12.112", "6.5"]


@each_command
@pytest.mark.parametrize("name", BAD_KERNELS, ids=lambda name: ascii(name[:10]))
def test_a_bad_kernel_is_refused(words: tuple[str, ...], name: str) -> None:
    result = invoke(words[0], "--kernel", "7.3", "--kernel", name, path("lockdown"), *words[1:])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "\nError: Invalid value for '--kernel': " in result.stderr
    assert BAD_KERNELS[name] in result.stderr


@each_command
@pytest.mark.parametrize("name", UNCLEAR)
def test_a_policy_that_is_not_understood_gets_its_errors_alone(words: tuple[str, ...], name: str) -> None:
    policy, said = UNCLEAR[name]
    result = invoke(words[0], "-", *words[1:], policy=policy)
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    assert "\nFound 1 error in 1 file.\n" in result.stderr


@each_command
def test_a_policy_that_a_kernel_refuses_gets_its_errors_and_an_answer(words: tuple[str, ...]) -> None:
    policy = f'{HEAD}target: {{kernels: ["6.3", "6.12"]}}\n'
    result = invoke(words[0], "-", *words[1:], policy=policy)
    assert result.exit_code == 1
    assert "error[K401] no-filter: Linux 6.3 has no SMCCC filter" in result.stderr
    assert result.stdout == answered(words[0], "--kernel", "6.12", "-", *words[1:], policy=HEAD)


@each_command
def test_a_policy_that_lies_to_the_guest_gets_an_answer(words: tuple[str, ...]) -> None:
    result = invoke(words[0], path("no-features"), *words[1:])
    assert result.stdout
    assert result.exit_code == examine("no-features").has_errors


@each_command
def test_warnings_and_notes_are_left_to_validate(words: tuple[str, ...]) -> None:
    policy = f"{HEAD}rules: [{{action: deny, ranges: [0x88000000, 0x84000016]}}]\n"
    assert answered(words[0], "-", *words[1:], policy=policy)


@each_command
def test_a_file_that_is_too_large_is_not_read(words: tuple[str, ...]) -> None:
    result = invoke(words[0], "--max-bytes", "10", path("lockdown"), *words[1:])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error[P105] limit: the file has " in result.stderr


@each_command
def test_a_missing_file_is_named(words: tuple[str, ...]) -> None:
    status, out, err = run(words[0], "missing.yaml", *words[1:])
    assert (status, out, err) == (2, "", "smccc-filter: missing.yaml: No such file or directory\n")


@each_command
def test_the_program_says_the_same(words: tuple[str, ...]) -> None:
    arguments = (words[0], path("vcpu-hotplug"), *words[1:])
    assert run_process(*arguments) == (0, answered(*arguments), "")
    assert run(words[0], path("lockdown"), "--kernel", "6.3", *words[1:]).status == 2


@each_command
def test_a_full_disk_is_told(words: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123 -- a device
        done = run_process(words[0], path("lockdown"), *words[1:], stdout=full)
    assert (done.status, done.err) == (2, "smccc-filter: can't write standard output: No space left on device\n")


@each_command
def test_kernels_are_completed(words: tuple[str, ...]) -> None:
    before = (words[0], path("lockdown"), "--kernel")
    assert completions("6.1", *before)[:3] == ["6.19", "6.18", "6.17"]
    assert {"6.12.95", "6.12", "6.1"} & set(completions("6.12", *before)) == {"6.12.95", "6.12"}
    assert set(RELEASES) < set(completions("", *before))
    assert completions("5", *before) == []


@each_command
def test_a_policy_of_which_too_much_was_expected_gets_its_answer(words: tuple[str, ...]) -> None:
    done = invoke(words[0], "-", *words[1:], policy=f"{HEAD}tests: [{{call: PSCI_CPU_ON, expect: deny}}]\n")
    assert done.exit_code == 1
    assert done.stdout == invoke(words[0], "-", *words[1:], policy=HEAD).stdout
    assert "error[P106] failed-expectation" in done.stderr
