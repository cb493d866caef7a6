"""What is no policy is not quoted: a wrong file, or a link that a stranger made, tells nothing in a public log."""

import re
from pathlib import Path

import pytest

from smccc_filter.commands import reporting
from tests.cli.tool import run

SECRET = "qz7xv9kp"  # noqa: S105 -- everybody may know it
FILES = {
    "environment": b"PATH=/bin\0TOKEN=qz7xv9kp\0HOME=/root\0",
    "secret first": b"qz7xv9kp\0TOKEN=qz7xv9kp\0",
    "title of a merge request": b"TITLE=\nversion: 1\nname: a\nrules: []\n\0TOKEN=qz7xv9kp\0",
    "dotenv": b"API_KEY=qz7xv9kp\nDB_URL=postgres://qz7xv9kp@db: 5432\n",
    "dotenv with commands": b"export API_KEY='qz7xv9kp\nexport DB=\"qz7xv9kp\n",
    "yaml": b"API_KEY: qz7xv9kp\nname: x\n",
    "described": b"name: ci\ndescription: deploys\ntoken: qz7xv9kp\n",
    "nested": b"default: {password: qz7xv9kp}\nother: qz7xv9kp\n",
    "anchors": b"a: &qz7xv9kp 1\nb: *qz7xv9kp\nc: !qz7xv9kp 1\n",
    "only a tag": b"!qz7xv9kp a",
    "only an alias": b"*qz7xv9kp",
    "twice": b"qz7xv9kp: 1\nqz7xv9kp: 2\n",
    "merged": b"<<: qz7xv9kp\n",
    "directive": b"%qz7xv9kp\n---\na: 1\n",
    "documents": b"qz7xv9kp: 1\n---\nqz7xv9kp: 2\n",
    "list": b"- qz7xv9kp\n- name: qz7xv9kp\n",
    "text": b"qz7xv9kp",
    "logging": b"version: 1\nhandlers: {mail: {credentials: [user, qz7xv9kp]}}\nroot: {handlers: [mail]}\n",
    "compose": b"version: '3'\nname: qz7xv9kp\nservices: {a: {environment: {TOKEN: qz7xv9kp}}}\nsecrets: qz7xv9kp\n",
    "roles": b"apiVersion: v1\nkind: qz7xv9kp\nmetadata: {name: qz7xv9kp}\nrules: [{apiGroups: [qz7xv9kp]}]\n",
    "passwords": b"root:qz7xv9kp:0:0:99999:7:::\nbin:qz7xv9kp:1\n",
    "netrc": b"machine example.com login me password qz7xv9kp\n",
    "credentials": b"https://me:qz7xv9kp@example.com\n",
    "key": b"-----BEGIN PRIVATE KEY-----\nqz7xv9kp\n-----END PRIVATE KEY-----\n",
    "ini": b"[default]\naws_secret_access_key = qz7xv9kp\n",
    "ini with a colon": b"[default]\nsecret: qz7xv9kp: x\n",
    "json": b'{"auths": {"qz7xv9kp": {"auth": "qz7xv9kp"}}}',
    "json cut off": b'{"auths": {"qz7xv9kp": {"auth": "qz7xv9kp',
    "json list": b'["qz7xv9kp", {"filter": "qz7xv9kp"}]',
    "json of nearly ours": b'{"version": 1, "tool": "smccc-filter", "name": "qz7xv9kp", "filter": [], "x": "qz7xv9kp"}',
    "control characters": b"a: qz7xv9kp\x1b qz7xv9kp\n",
    "latin-1": b"password: qz7xv9kp \xe9\n",
    "utf-16": "password: qz7xv9kp".encode("utf-16"),
    "tabs": b"a:\n\tqz7xv9kp: qz7xv9kp\n",
    "deep": b"{qz7xv9kp: " * 40,
    "c": b'#include "qz7xv9kp"\n#error qz7xv9kp\nstatic const char *token = "qz7xv9kp";\n',
    "c cut off": b'#define TOKEN "qz7xv9kp\n/* qz7xv9kp',
    "c with conditions": b"#if qz7xv9kp\n#elif qz7xv9kp(\n#define qz7xv9kp(qz7xv9kp\nint a = qz7xv9kp;\n",
    "rust": b'const TOKEN: &str = "qz7xv9kp";\nfn qz7xv9kp() -> u32 { qz7xv9kp }\n',
    "rust cut off": b'const TOKEN: &str = r#"qz7xv9kp\n',
    "shell": b"#!/bin/sh\ncurl -H 'Authorization: qz7xv9kp' $((qz7xv9kp))\n",
}
YAML = (
    *(["validate", "--format", name, "a.yaml"] for name in reporting.FORMATS),
    ["validate", "--notes", "--fix", "--unsafe-fixes", "a.yaml"],
    ["validate", "--diff", "--unsafe-fixes", "a.yaml"],
    ["fmt", "a.yaml"],
    ["fmt", "--diff", "a.yaml"],
    ["compile", "a.yaml", "-o", "a.h"],
    ["query", "a.yaml", "PSCI_CPU_ON"],
    ["guest", "a.yaml"],
    ["show", "a.yaml", "--html", "-"],
    ["probe", "a.yaml"],
    ["import", "a.yaml"],
    *(["diff", "--format", name, "a.yaml", "a.yaml"] for name in ("text", "json", "github", "markdown")),
)
OTHERS = (
    *(["diff", name, "/dev/null"] for name in ("a", "a.bin", "a.regs", "a.json", "a.h", "a.rs")),
    *(["import", name] for name in ("a", "a.bin", "a.regs", "a.json", "a.h", "a.rs", "a.inc")),
    *(["probe", name] for name in ("a", "a.bin")),
)


def told(arguments: list[str], name: str, here: Path) -> str:
    (here / arguments[-1 if arguments[-1] != "/dev/null" else -2]).write_bytes(FILES[name])
    (here / "a.yaml").write_bytes(FILES[name])
    done = run(*arguments, cwd=here)
    assert done.status in {1, 2}
    return done.out + done.err


@pytest.mark.parametrize("name", FILES)
def test_no_command_repeats_what_is_no_policy(name: str, tmp_path: Path) -> None:
    leaks = []
    for arguments in (*YAML, *OTHERS):
        said = told(list(arguments), name, tmp_path)
        as_numbers = bytes.fromhex("".join(f"{int(digits, 16):016X}" for digits in re.findall(r"0x(\w{5,16})\b", said)))
        shown = said.casefold().encode() + as_numbers + as_numbers[::-1]
        if SECRET.encode() in shown or any(SECRET[at : at + 3].encode() in shown for at in range(len(SECRET) - 2)):
            leaks.append((arguments, said))
    assert leaks == []


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\nname: secretive\nrules: [\n",
        "version: 1\nname: &secretive a\n",
        "verison: 1\nname: secretive\nrules: []\n",
        "version 1\nname: secretive\nrules: []\n",
        '{"version": 1, "name": "secretive", }}',
        "version: 2\nname: secretive\n",
        "name: secretive\nrules:\n  - {action: dney, calls: [PSCI_CPU_ON]}\n",
        "rules: {secretive: 1}\n",
        "version: 1\nname: secretive\nrules: []\nowner: me\nteam: vmm\n",
    ],
)
def test_a_policy_that_is_being_written_is_shown(text: str) -> None:
    done = run("validate", "-", input=text.encode())
    assert done.status == 1
    assert "name a policy; it starts with" not in done.out
    assert "rules: [\n" in text or any(f" | {line}\n" in done.out for line in text.splitlines())
