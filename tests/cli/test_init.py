import errno
import os
import signal
import stat
from pathlib import Path

import pexpect
import pytest

from smccc_filter.authoring.starting.kept import HIDDEN
from smccc_filter.authoring.starting.taken import TAKEN
from smccc_filter.authoring.starting.text import KERNELS, StartingAnswers, compose
from smccc_filter.authoring.templates import names, text_of
from smccc_filter.commands import init, saving
from smccc_filter.commands.files import UnusableError
from smccc_filter.kvm.uapi import Action
from tests.cli.tool import TOOL, UNMEASURED, Outcome, environment, run, run_process, run_unprivileged, through_shell

ANSWERED = ("--name", "acme", "--takes", "trng")
WROTE = "smccc-filter: wrote {0}; next: smccc-filter validate {0}\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def nothing_in(folder: Path) -> bool:
    return list(folder.iterdir()) == []


@pytest.mark.parametrize("name", names())
def test_a_template_is_written_under_its_name_and_is_clean(name: str, here: Path) -> None:
    file = f"{name}.smccc.yaml"
    assert run("init", "--template", name) == Outcome(0, "", WROTE.format(file))
    assert (here / file).read_text(encoding="utf-8") == text_of(name)
    assert [path.name for path in here.iterdir()] == [file]
    assert run("validate", "--fail-on", "warning", file).status == 0


def test_another_name_names_the_file_too(here: Path) -> None:
    assert run("init", "--template", "lockdown", "--name", "jail").err == WROTE.format("jail.smccc.yaml")
    assert "\nname: jail\n" in (here / "jail.smccc.yaml").read_text(encoding="utf-8")


def test_the_file_can_be_chosen_and_is_quoted_for_the_shell(here: Path) -> None:
    status, _, err = run("init", "--template", "lockdown", "my policy.yaml")
    assert (status, err) == (0, "smccc-filter: wrote my policy.yaml; next: smccc-filter validate 'my policy.yaml'\n")
    assert (here / "my policy.yaml").exists()


def test_a_new_file_has_the_permissions_of_any_other(here: Path) -> None:
    (here / "other").touch()
    run("init", *ANSWERED)
    assert stat.S_IMODE((here / "acme.smccc.yaml").stat().st_mode) == stat.S_IMODE((here / "other").stat().st_mode)


def test_standard_output_gets_the_policy_and_nothing_else(here: Path) -> None:
    assert run("init", "--template", "lockdown", "-") == (0, text_of("lockdown"), "")
    assert nothing_in(here)


def test_answers_may_all_be_options() -> None:
    arguments = ("--name", "a-1", "--takes", "psci", "--takes", "trng", "--kernel", "6.12", "--kernel", "7.3")
    wanted = StartingAnswers("a-1", ("6.12", "7.3"), ("psci", "trng"), (), Action.DENY)
    assert run("init", *arguments, "--default", "deny", "-") == (0, compose(wanted), "")
    wanted = wanted._replace(aarch32=True)
    assert run("init", *arguments, "--default", "deny", "--aarch32", "-") == (0, compose(wanted), "")
    wanted = StartingAnswers("a-1", KERNELS, (), ("pv-time", "vendor-hyp"))
    assert run("init", "--name", "a-1", "--hides", "vendor-hyp", "--hides", "pv-time", "-") == (0, compose(wanted), "")


WRONG = {
    "nobody to ask": ((), "nobody is there to ask what the policy is for: add --template, or answer with --name and"),
    "a name alone": (("--name", "a"), "nobody is there to ask"),
    "no name": (("--takes", "psci"), "the policy needs a name: add --name"),
    "misspelt template": (("--template", "lockdwn"), "no template is called `lockdwn`; did you mean `lockdown`?"),
    "unknown template": (("--template", "zzz\x1b"), "`zzz\\x1b`; see `smccc-filter list templates`"),
    "a file as template": (("--template", "../pyproject"), "no template is called `../pyproject`"),
    "template and answers": (("--template", "lockdown", "--takes", "psci"), "leave out --takes, --hides, --default"),
    "template and guest": (("--template", "lockdown", "--aarch32"), "--hides, --default and --aarch32"),
    "a guest alone": (("--name", "a", "--aarch32"), "nobody is there to ask"),
    "old kernel": ((*ANSWERED, "--kernel", "6.2"), "Linux 6.2 has no SMCCC filter; name a kernel from 6.4 on"),
    "unknown part": (("--name", "a", "--takes", "pcsi"), "'pcsi' is not one of 'psci', 'vcpu-hotplug'"),
    "unknown default": (("--name", "a", "--default", "forward"), "'forward' is not one of 'handle', 'deny'"),
    "two files": ((*ANSWERED, "a", "b"), "unexpected extra argument (b)"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_wrong_usage_is_explained_and_writes_nothing(arguments: tuple[str, ...], message: str, here: Path) -> None:
    status, out, err = run("init", *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert nothing_in(here)


def test_a_template_that_fails_on_a_kernel_is_not_written(here: Path) -> None:
    status, out, err = run("init", "--template", "target-impl-cpus", "--kernel", "6.12")
    assert (status, out) == (1, "")
    assert "error[K403] firmware-refused" in err
    assert err.endswith("smccc-filter: nothing was written; begin from another template, or name other kernels\n")
    assert nothing_in(here)


def test_nothing_is_replaced_without_force(here: Path) -> None:
    file = here / "acme.smccc.yaml"
    file.write_text("mine")
    complaint = "smccc-filter: acme.smccc.yaml is there already: name another OUT, or add --force\n"
    assert run("init", *ANSWERED) == (2, "", complaint)
    assert file.read_text() == "mine"
    assert run("init", *ANSWERED, "--force").status == 0
    assert file.read_text() == compose(StartingAnswers("acme", takes=("trng",)))
    assert [path.name for path in here.iterdir()] == [file.name]


@pytest.mark.parametrize("leads_to", ["mine", "nowhere"])
def test_a_link_is_something_too(leads_to: str, here: Path) -> None:
    (here / "mine").write_text("mine")
    (here / "link.yaml").symlink_to(leads_to)
    status, _, err = run("init", *ANSWERED, "link.yaml")
    assert (status, err) == (2, "smccc-filter: link.yaml is there already: name another OUT, or add --force\n")
    assert (here / "link.yaml").is_symlink()
    assert sorted(path.name for path in here.iterdir()) == ["link.yaml", "mine"]
    assert (here / "mine").read_text() == "mine"


def test_force_writes_through_a_link_and_leaves_it(here: Path) -> None:
    (here / "mine").write_text("mine")
    (here / "link.yaml").symlink_to("mine")
    assert run("init", *ANSWERED, "--force", "link.yaml").status == 0
    assert (here / "link.yaml").is_symlink()
    assert (here / "mine").read_text() == compose(StartingAnswers("acme", takes=("trng",)))


UNWRITABLE = {
    "folder": ((".",), ". is a folder: name the file in it"),
    "no folder": (("gone/a.yaml",), "gone/a.yaml: No such file or directory"),
    "empty": (("",), "an empty path: No such file or directory"),
    "folder's name": (("gone/",), "gone/: No such file or directory"),
    "long name": (("a" * 300,), "File name too long"),
    "escapes": (("gone\x1b/a",), "gone\\x1b/a: No such file or directory"),
    "forced folder": ((".", "--force"), ".: Is a directory"),
}


@pytest.mark.parametrize(("arguments", "message"), UNWRITABLE.values(), ids=UNWRITABLE)
def test_what_can_t_be_written_is_said(arguments: tuple[str, ...], message: str, here: Path) -> None:
    status, out, err = run("init", *ANSWERED, *arguments)
    assert (status, out) == (2, "")
    assert message in err
    assert nothing_in(here)


def test_a_folder_without_permission_is_left_alone(here: Path) -> None:
    here.chmod(0o500)
    try:
        status, _, err = run_unprivileged("init", *ANSWERED)
    finally:
        here.chmod(0o700)
    assert (status, err) == (2, "smccc-filter: acme.smccc.yaml: Permission denied\n")
    assert nothing_in(here)


def test_a_file_that_appears_meanwhile_is_not_replaced(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "refuse_existing", lambda _: (here / "new").write_text("theirs"))
    with pytest.raises(UnusableError, match="new is there already"):
        saving.create("new", b"ours")
    assert [(path.name, path.read_text()) for path in here.iterdir()] == [("new", "theirs")]


def refuse_links(source: str, target: str, **_: object) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM), source, None, target)


def test_a_file_system_without_hard_links_will_do(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", refuse_links)
    saving.create("new", b"ours")
    assert [(path.name, path.read_text()) for path in here.iterdir()] == [("new", "ours")]
    monkeypatch.setattr(saving, "refuse_existing", lambda _: None)
    with pytest.raises(UnusableError, match="new is there already"):
        saving.create("new", b"again")
    assert [(path.name, path.read_text()) for path in here.iterdir()] == [("new", "ours")]


def test_a_full_disk_leaves_nothing(here: Path) -> None:
    limit = "ulimit -f 1; trap '' XFSZ; exec \"$@\""  # a unit is 512 or 1,024 bytes, less than any policy has
    status, _, err = through_shell(limit, "init", *ANSWERED, env=environment(PYTHONDONTWRITEBYTECODE="1", **UNMEASURED))
    assert (status, err) == (2, "smccc-filter: acme.smccc.yaml: File too large\n")
    assert nothing_in(here)


def _interruptible() -> None:
    """Let Ctrl-C end the process, which a run of tests in the background has it ignore."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def conversation(*arguments: str) -> "pexpect.spawn[str]":
    env = environment(TERM="xterm-256color", LC_ALL="C.UTF-8")
    return pexpect.spawn(
        TOOL[0],
        [*TOOL[1:], "init", *arguments],
        encoding="utf-8",
        env=env,
        dimensions=(60, 100),
        preexec_fn=_interruptible,
    )


def reply(child: "pexpect.spawn[str]", question: str, answer: str) -> None:
    child.expect_exact(question)
    child.sendline(answer)


def end(child: "pexpect.spawn[str]") -> tuple[int | None, str]:
    rest = child.read()
    child.close()
    return child.exitstatus, rest.replace("\r\n", "\n")


NAME, KERNEL, SEVERAL, ONE = "policy's name: ", "[6.18 7.3]: ", "nothing for none: ", "[handle]: "


def test_a_conversation(here: Path) -> None:
    child = conversation()
    reply(child, NAME, "Acme VMM")
    child.expect_exact("`Acme VMM` can't be the name of a policy; write a name such as `acme-vmm`: a lower-case letter")
    reply(child, NAME, "acme-vmm")
    reply(child, KERNEL, "6.2")
    child.expect_exact("Linux 6.2 has no SMCCC filter")
    reply(child, KERNEL, "6.12, 7.3")
    reply(child, SEVERAL, "trgn")
    child.expect_exact("`trgn` is none of them; did you mean `trng`?")
    reply(child, SEVERAL, "9")
    child.expect_exact("`9` is none of them; pick from 1 to 8")
    reply(child, SEVERAL, "TRNG, 2 2")
    reply(child, ONE, "1 2")
    child.expect_exact("pick one")
    reply(child, ONE, "")
    reply(child, SEVERAL, "1")
    assert end(child)[0] == 0
    wanted = StartingAnswers("acme-vmm", ("6.12", "7.3"), ("vcpu-hotplug", "trng"), ("pv-time",))
    assert (here / "acme-vmm.smccc.yaml").read_text(encoding="utf-8") == compose(wanted)


def test_every_part_is_offered_and_a_lockdown_asks_of_no_more(here: Path) -> None:
    child = conversation("--name", "jail", "--kernel", "7.3", "out.yaml")
    child.expect_exact("What does the VMM answer itself?")
    for number, part in enumerate(TAKEN, 1):
        child.expect_exact(f"  {number}  {part.name}")
    reply(child, SEVERAL, "")
    reply(child, ONE, "deny")
    assert end(child) == (0, "deny\n\n" + WROTE.format("out.yaml"))
    assert (here / "out.yaml").read_text(encoding="utf-8") == compose(
        StartingAnswers("jail", ("7.3",), default=Action.DENY)
    )


def test_a_file_that_is_there_ends_the_questions_early(here: Path) -> None:
    (here / "jail.smccc.yaml").touch()
    child = conversation()
    reply(child, NAME, "jail")
    status, rest = end(child)
    assert status == 2
    assert "jail.smccc.yaml is there already" in rest
    assert "[6.18" not in rest


def test_answers_on_the_command_line_are_not_asked_for_on_a_terminal(here: Path) -> None:
    assert end(conversation(*ANSWERED)) == (0, WROTE.format("acme.smccc.yaml"))
    status, rest = end(conversation("--takes", "psci"))
    assert (status, "add --name" in rest) == (2, True)
    assert [path.name for path in here.iterdir()] == ["acme.smccc.yaml"]


@pytest.mark.parametrize(
    ("key", "status", "message"),
    [
        ("\x03", 130, "smccc-filter: interrupted\n"),
        ("\x04", 2, "smccc-filter: the answers ended; nothing was written\n"),
    ],
    ids=["Ctrl-C", "Ctrl-D"],
)
def test_a_conversation_may_be_left(key: str, status: int, message: str, here: Path) -> None:
    child = conversation("--name", "acme")
    reply(child, KERNEL, "")
    child.expect_exact(SEVERAL)
    child.send(key)
    left, rest = end(child)
    assert left == status
    assert rest.endswith("\n" + message)
    assert nothing_in(here)


def test_questions_stay_out_of_standard_output(here: Path) -> None:
    script = f"{' '.join(TOOL)} init --name acme --kernel 7.3 - > out.yaml"
    child = pexpect.spawn("sh", ["-c", script], encoding="utf-8", env=environment(TERM="xterm"))
    reply(child, SEVERAL, "1")
    reply(child, ONE, "2")
    assert end(child)[0] == 0
    wanted = StartingAnswers("acme", ("7.3",), ("psci",), (), Action.DENY)
    assert (here / "out.yaml").read_text(encoding="utf-8") == compose(wanted)


def test_hidden_questions_are_not_asked(here: Path) -> None:
    script = f"{' '.join(TOOL)} init --name acme 2> err"
    child = pexpect.spawn("sh", ["-c", script], encoding="utf-8", env=environment(TERM="xterm"))
    assert end(child)[0] == 2
    assert "nobody is there to ask" in (here / "err").read_text(encoding="utf-8")


def test_completion_offers_templates_and_parts() -> None:
    def completed(*words: str) -> list[str]:
        line = " ".join(("smccc-filter", "init", *words))
        asked = environment(_SMCCC_FILTER_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(len(words) + 1))
        return [answer.partition(",")[2] for answer in run(env=asked).out.splitlines()]

    assert completed("--template", "") == list(names())
    assert completed("--template", "lock") == ["lockdown"]
    assert completed("--takes", "s") == [part.name for part in TAKEN if part.name.startswith("s")]
    assert completed("--hides", "") == [part.name for part in HIDDEN]
    assert completed("--default", "") == list(init.DEFAULTS) == ["handle", "deny"]
    assert "6.12" in completed("--kernel", "6.1")


def test_nothing_depends_on_the_hash_seed() -> None:
    arguments = ("init", "--name", "a", "--takes", "psci", "--takes", "sip", "-")
    outputs = {run_process(*arguments, env=environment(PYTHONHASHSEED=seed)).out for seed in ("1", "2")}
    assert len(outputs) == 1
