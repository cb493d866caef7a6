import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.cli.tool import BAD, Outcome, environment, on_terminal, run, run_unprivileged
from tests.house.tree import need

UGLY = "# h\u00e9\nname: ugly   # short\nversion: 1\nrules: [{action: deny, ranges: ['0x8400_0050']}]\n"
PRETTY = "# h\u00e9\nversion: 1\nname: ugly  # short\nrules:\n  - action: deny\n    ranges: [0x84000050]\n"
PATCH = """--- a/ugly.yaml
+++ b/ugly.yaml
@@ -1,4 +1,6 @@
 # h\u00e9
-name: ugly   # short
 version: 1
-rules: [{action: deny, ranges: ['0x8400_0050']}]
+name: ugly  # short
+rules:
+  - action: deny
+    ranges: [0x84000050]
"""
NAMES = (
    "ugly.yaml",
    "two words.yaml",
    'quote".yaml',
    "back\\slash.yaml",
    "line\nfeed.yaml",
    "tab\t.yaml",
    "bidi\u202e.yaml",
    "\u6f22\u5b57.yaml",
    "b\udcff.yaml",
    "-.yaml",
)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "smccc"  # in which all YAML is policies
    folder.mkdir()
    (folder / "ugly.yaml").write_text(UGLY, encoding="utf-8")
    (folder / "pretty.yaml").write_text(PRETTY, encoding="utf-8")
    return folder


def texts(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_files_are_rewritten(here: Path) -> None:
    assert run("fmt", "ugly.yaml", cwd=here) == (0, "", "1 file reformatted\n")
    assert texts(here) == {"ugly.yaml": PRETTY, "pretty.yaml": PRETTY}
    assert run("fmt", "ugly.yaml", cwd=here) == (0, "", "1 file left unchanged\n")


def test_folders_are_searched(here: Path) -> None:
    (here / "deep").mkdir()
    (here / "deep" / "ugly.yml").write_text(UGLY, encoding="utf-8")
    assert run("fmt", ".", cwd=here) == (0, "", "2 files reformatted, 1 file left unchanged\n")


def test_a_file_that_needs_no_change_is_not_written(here: Path) -> None:
    before = (here / "pretty.yaml").stat()
    assert run("fmt", "pretty.yaml", cwd=here).status == 0
    after = (here / "pretty.yaml").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_check_names_the_files_and_writes_nothing(here: Path) -> None:
    summary = "1 file would be reformatted, 1 file already formatted\n"
    assert run("fmt", "--check", ".", cwd=here) == (1, "would reformat ./ugly.yaml\n", summary)
    assert texts(here) == {"ugly.yaml": UGLY, "pretty.yaml": PRETTY}
    assert run("fmt", "--check", "pretty.yaml", cwd=here) == (0, "", "1 file already formatted\n")


@pytest.mark.parametrize("options", [["--diff"], ["--diff", "--check"]])
def test_diff_shows_the_change_and_writes_nothing(options: list[str], here: Path) -> None:
    summary = "1 file would be reformatted, 1 file already formatted\n"
    assert run("fmt", *options, "pretty.yaml", "ugly.yaml", cwd=here) == (1, PATCH, summary)
    assert texts(here) == {"ugly.yaml": UGLY, "pretty.yaml": PRETTY}
    assert run("fmt", *options, "pretty.yaml", cwd=here) == (0, "", "1 file already formatted\n")


TEXTS = {
    "no-line-end": UGLY.rstrip(),
    "mark-and-crlf": "\ufeff" + UGLY.replace("\n", "\r\n"),
    "cr": UGLY.replace("\n", "\r"),
    "empty-lines": f"{PRETTY}\n\n",
}


@pytest.mark.parametrize(
    ("name", "text"),
    [*((name, UGLY) for name in NAMES), *(("ugly.yaml", text) for text in TEXTS.values())],
    ids=[*map(ascii, NAMES), *TEXTS],
)
def test_git_applies_the_diff(name: str, text: str, tmp_path: Path) -> None:
    git = need("git")
    (tmp_path / "a folder").mkdir()
    path = Path("a folder", name)
    (tmp_path / path).write_bytes(text.encode())
    command: list[str | Path] = [sys.executable, "-m", "smccc_filter", "fmt", "--diff", path]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, check=False)
    assert done.returncode == 1
    subprocess.run([git, "apply", "-"], input=done.stdout, cwd=tmp_path, check=True)
    assert (tmp_path / path).read_bytes() == PRETTY.encode()


def test_a_diff_on_a_terminal_shows_what_does_not_print(here: Path) -> None:
    (here / "ugly.yaml").write_text(UGLY.replace("short", "sh\u202eort").replace("\n", "\r\n"), encoding="utf-8")
    status, out, _ = on_terminal("fmt", "--diff", here / "ugly.yaml")
    assert status == 1
    assert "-name: ugly   # sh\\u202eort\\r\r\n" in out


def test_standard_input_goes_to_standard_output(here: Path) -> None:
    assert run("fmt", "-", input=UGLY.encode()) == (0, PRETTY, "")
    assert run("fmt", "-", input=PRETTY.encode()) == (0, PRETTY, "")
    assert run("fmt", "--check", "-", input=UGLY.encode()) == (1, "would reformat -\n", "")
    assert run("fmt", "--diff", "-", input=UGLY.encode()) == (1, PATCH.replace("ugly.yaml", "-"), "")
    both = run("fmt", "-", "ugly.yaml", input=UGLY.encode(), cwd=here)
    assert both == (0, PRETTY, "2 files reformatted\n")


def test_a_policy_with_faults_of_form_is_left_alone_and_the_others_are_not(here: Path) -> None:
    (here / "bad.yaml").write_bytes(BAD)
    status, out, err = run("fmt", ".", cwd=here)
    assert (status, out) == (1, "")
    assert "error[P103] invalid-value: `action` is `dney`\n --> ./bad.yaml:4:14\n" in err
    assert err.endswith("\n1 file reformatted, 1 file left unchanged, 1 file with errors\n")
    assert texts(here) == {"ugly.yaml": PRETTY, "pretty.yaml": PRETTY, "bad.yaml": BAD.decode()}


def test_nothing_comes_out_of_a_faulty_standard_input() -> None:
    status, out, err = run("fmt", "-", input=BAD)
    assert (status, out) == (1, "")
    assert "error[P103]" in err


def test_a_file_that_is_too_large_is_left_alone(here: Path) -> None:
    status, out, err = run("fmt", "--max-bytes", "10", "ugly.yaml", cwd=here)
    assert (status, out) == (1, "")
    assert "error[P105] limit: the file has " in err
    assert (here / "ugly.yaml").read_text(encoding="utf-8") == UGLY


def test_what_cannot_be_read_does_not_keep_the_others(here: Path) -> None:
    status, out, err = run("fmt", "gone.yaml", "ugly.yaml", cwd=here)
    assert (status, out) == (2, "")
    assert err == "smccc-filter: gone.yaml: No such file or directory\n1 file reformatted\n"
    assert (here / "ugly.yaml").read_text(encoding="utf-8") == PRETTY


def test_a_read_only_file_is_left_alone(here: Path) -> None:
    (here / "ugly.yaml").chmod(0o444)
    status, out, err = run_unprivileged("fmt", here / "ugly.yaml")
    assert (status, out, err) == (2, "", f"smccc-filter: {here / 'ugly.yaml'}: Permission denied\n")
    assert (here / "ugly.yaml").read_text(encoding="utf-8") == UGLY
    assert run_unprivileged("fmt", "--check", here / "ugly.yaml").status == 1


def test_a_link_and_the_permissions_stay(here: Path) -> None:
    (here / "ugly.yaml").chmod(0o640)
    (here / "link.yaml").symlink_to("ugly.yaml")
    assert run("fmt", "link.yaml", cwd=here) == (0, "", "1 file reformatted\n")
    assert (here / "link.yaml").is_symlink()
    assert (here / "ugly.yaml").read_text(encoding="utf-8") == PRETTY
    assert stat.S_IMODE((here / "ugly.yaml").stat().st_mode) == 0o640


def test_a_pipe_is_not_written_to(here: Path) -> None:
    os.mkfifo(here / "pipe")
    writer = threading.Thread(target=(here / "pipe").write_text, args=(UGLY,), kwargs={"encoding": "utf-8"})
    writer.start()
    outcome = run("fmt", "pipe", cwd=here)
    writer.join()
    assert outcome == (2, "", "smccc-filter: pipe: not a regular file, and so left alone\n")


def run_with(preparation: str, here: Path) -> Outcome:
    """Run ``fmt ugly.yaml`` after a change to the tool's own modules."""
    script = (
        f"from smccc_filter.authoring import formatting\n{preparation}\nfrom smccc_filter.cli import main\nmain()\n"
    )
    command = [sys.executable, "-c", script, "fmt", "ugly.yaml"]
    done = subprocess.run(command, cwd=here, env=environment(), capture_output=True, text=True, check=False)
    return Outcome(done.returncode, done.stdout, done.stderr)


CHANGES = {
    "other": "open('ugly.yaml', 'w').write('name: other')",
    "longer": "open('ugly.yaml', 'a').write('# more')",
    "gone": "__import__('os').unlink('ugly.yaml')",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_that_somebody_else_writes_meanwhile_is_left_alone(change: str, here: Path) -> None:
    status, out, err = run_with(
        "layout = formatting.layout\n"
        f"def meddled(document):\n    {CHANGES[change]}\n    return layout(document)\n"
        "formatting.layout = meddled",
        here,
    )
    assert (status, out) == (2, "")
    if change == "gone":
        assert err == "smccc-filter: ugly.yaml: No such file or directory\n"
        assert not (here / "ugly.yaml").exists()
    else:
        expected = "ugly.yaml: changed on disk since it was read, and so left alone; run again"
        assert err == f"smccc-filter: {expected}\n"
        assert (here / "ugly.yaml").read_text(encoding="utf-8") in {"name: other", f"{UGLY}# more"}


def test_a_bug_leaves_the_file_alone(here: Path) -> None:
    status, out, err = run_with("formatting.layout = lambda document: 'version: 1\\nname: other\\n'", here)
    assert (status, out) == (70, "")
    assert "a bug in the tool: FormattingError: the new text is another policy" in err
    assert (here / "ugly.yaml").read_text(encoding="utf-8") == UGLY
