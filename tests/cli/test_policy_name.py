"""A policy's name is one rule: `init` and `import` say the same of it, and `validate` agrees."""

import json
from pathlib import Path

import pytest

from tests.cli.tool import run

RULE = "a lower-case letter, then letters, digits and `-`"
RIGHT = ("a", "a-1", "psci-to-userspace", "a-", "a--b", "x" * 64, "x" * 70, "x" * 200)
WRONG = {
    "": ("an empty text", "psci-to-userspace"),
    "Bad": ("`Bad`", "bad"),
    "Acme VMM": ("`Acme VMM`", "acme-vmm"),
    "a_b": ("`a_b`", "a-b"),
    "a\n": ("`a\\n`", "a"),
    "42": ("`42`", "psci-to-userspace"),
    "7-vcpus": ("`7-vcpus`", "vcpus"),
    "-a": ("`-a`", "a"),
    "é": ("`é`", "psci-to-userspace"),
    "\u202eab": ("`\\u202eab`", "ab"),
    "A" * 70: (f"`{'A' * 57}...`", "psci-to-userspace"),
}
"""What can't be a name: how it is shown, and the name that is offered."""


@pytest.fixture(autouse=True)
def entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("entry.c").write_text("struct kvm_smccc_filter a[] = {{ 0x84000003, 1, KVM_SMCCC_FILTER_DENY }};\n")


def hints(name: str) -> list[tuple[str, str, str]]:
    """Return what `validate` says of a policy of that name."""
    Path("named.yaml").write_text(json.dumps({"version": 1, "name": name}), encoding="utf-8")
    (found,) = json.loads(run("validate", "--format", "json", "named.yaml").out)["files"]
    return [(found["code"], found["message"], found["hint"]) for found in found["diagnostics"]]


@pytest.mark.parametrize("name", RIGHT)
def test_a_name_is_taken_by_all(name: str) -> None:
    assert run("init", "--name", name, "--takes", "trng").status == 0
    assert f"\nname: {name}\n" in Path(f"{name}.smccc.yaml").read_text(encoding="utf-8")
    assert f"\nname: {name}\n" in run("import", "entry.c", "--name", name).out
    assert hints(name) == []
    assert run("compile", f"{name}.smccc.yaml", "-o", "a.h").status == 0


@pytest.mark.parametrize(("name", "shown", "similar"), [(name, *words) for name, words in WRONG.items()])
def test_what_is_no_name_is_refused_by_all_in_the_same_words(name: str, shown: str, similar: str) -> None:
    hint = f"write a name such as `{similar}`: {RULE}"
    message = f"Error: Invalid value for '--name': {shown} can't be the name of a policy; {hint}\n"
    began = run("init", "--name", name, "--takes", "trng")
    imported = run("import", "entry.c", "--name", name)
    assert (began.status, imported.status) == (2, 2)
    assert (began.out, imported.out) == ("", "")
    assert began.err.endswith(message)
    assert imported.err.endswith(message)
    assert [(code, said) for code, _, said in hints(name)] == [("P103", hint)]
