"""What people and attackers hand to the tool as a policy, and the code and words that each must get."""

from typing import NamedTuple

HEAD = "version: 1\nname: a\n"


class Case(NamedTuple):
    """A policy's bytes, the code of one of its errors, words of that, and how many errors there are, 0 for some."""

    name: str
    data: bytes
    code: str
    words: str
    errors: int = 1


def case(name: str, text: str | bytes, code: str, words: str, errors: int = 1) -> Case:
    return Case(name, text if isinstance(text, bytes) else text.encode(), code, words, errors)


def rule(fields: str) -> str:
    return f"{HEAD}rules:\n  - {{action: deny, {fields}}}\n"


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [*{last}, *{last}, *{last}, *{last}, *{last}, *{last}]\n"
    for last, name in zip("abcdefg", "bcdefgh", strict=True)
)

CASES = (
    # no policy at all
    case("empty", "", "P103", "empty"),
    case("only-comments", "# nothing\n# here\n", "P103", "empty"),
    case("only-blank-lines", "\n\n   \n", "P103", "empty"),
    case("only-document-start", "---\n", "P103", "empty"),
    case("only-document-end", "...\n", "P101", "not YAML"),
    case("list", "- version: 1\n- name: a\n", "P103", "a list"),
    case("text", "just words\n", "P103", "this one is a text"),
    case("number", "42\n", "P103", "this one is a text"),
    case("empty-mapping", "{}\n", "P103", "this one is empty"),
    # not text
    case("binary", bytes(range(256)), "P101", "is not UTF-8"),
    case("elf", b"\x7fELF\x02\x01\x01" + bytes(64), "P101", "does not belong in a policy"),
    case("gzip", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", "P101", "is not UTF-8"),
    case("nul", b"version: 1\nname: a\x00b\n", "P101", "a NUL byte"),
    case("all-nul", bytes(4096), "P101", "a NUL byte"),
    case("invalid-utf8", b"version: 1\nname: \xff\xfe\n", "P101", "byte 0xFF at offset 17 is not UTF-8"),
    case("truncated-utf8", b"version: 1\nname: a # \xe2\x82", "P101", "is not UTF-8"),
    case("overlong-utf8", b"name: \xc0\xaf\n", "P101", "is not UTF-8"),
    case("surrogates", b"name: \xed\xa0\x80\n", "P101", "is not UTF-8"),
    case("utf16", "version: 1\n".encode("utf-16"), "P101", "UTF-16"),
    case("utf32", "version: 1\n".encode("utf-32"), "P101", "UTF-"),
    case("bom-inside", HEAD + "description: a\ufeffb\n", "P101", "U+FEFF"),
    case("escape-character", HEAD + "description: \x1b[31mred\n", "P101", "U+001B"),
    case("delete-character", HEAD + "description: a\x7f\n", "P101", "U+007F"),
    case("next-line-character", HEAD + "description: a\x85b\n", "P101", "U+0085"),
    case("line-separator", HEAD + "description: a\u2028b\n", "P101", "U+2028"),
    case("escaped-control", HEAD + 'description: "\\e[31m"\n', "P101", "U+001B"),
    # not YAML, or beyond the subset
    case("tab-indent", "version: 1\nname: a\ntarget:\n\tpsci: '1.1'\n", "P101", "not YAML"),
    case("tab-in-list", HEAD + "rules:\n\t- {action: deny}\n", "P101", "not YAML"),
    case("tab-before-comment", "version: 1\t# one\nname: a\n", "P101", "not YAML"),
    case("unclosed-bracket", HEAD + "rules: [\n", "P101", "not YAML"),
    case("unclosed-quote", HEAD + "description: 'oops\n", "P101", "not YAML"),
    case("stray-bracket", HEAD + "rules: ]\n", "P101", "not YAML"),
    case("json-garbage", '{"version": 1, "name": }}', "P101", "not YAML", 2),
    case("deep-brackets", "[" * 100_000, "P105", "nested more than 16 levels deep"),
    case("deep-braces", "{a: " * 100_000, "P105", "nested more than 16 levels deep"),
    case("deep-sequences", "- " * 100_000, "P105", "nested more than 16 levels deep"),
    case("deep-closed", "[" * 100_000 + "]" * 100_000, "P105", "nested more than 16 levels deep"),
    case("deep-inside", HEAD + "rules: " + "[" * 100_000, "P105", "nested more than 16 levels deep", 2),
    case("anchor", "version: 1\nname: &n a\n", "P101", "anchor `&n`"),
    case("alias", "version: 1\nname: a\ndescription: *n\n", "P101", "alias `*n`"),
    case("alias-bomb", BOMB, "P101", "not YAML of which a policy could be made"),
    case(
        "alias-bomb-in-a-policy", f"{HEAD}target:\n  {BOMB.replace(chr(10), chr(10) + '  ')}", "P101", "anchor `&a`", 0
    ),
    case("merge-key", HEAD + "<<: {default: deny}\n", "P101", "merge key `<<`"),
    case("merge-key-in-quotes", HEAD + "'<<': {default: deny}\n", "P102", "the policy language has no field `'<<'`"),
    case("merge-key-in-rule", rule("calls: [PSCI_CPU_ON], <<: {reason: a}"), "P101", "merge key `<<`"),
    case("tag", HEAD + "description: !!str a\n", "P101", "tag `!!str`"),
    case("python-tag", HEAD + "description: !!python/object/apply:os.system [id]\n", "P101", "tag", 2),
    case("own-tag", HEAD + "description: !secret a\n", "P101", "tag `!secret`"),
    case("directive", "%YAML 1.1\n---\n" + HEAD, "P101", "directive `%YAML`"),
    case("tag-directive", "%TAG ! tag:example.com,2000:\n---\n" + HEAD, "P101", "directive `%TAG`"),
    case("two-documents", f"{HEAD}---\n{HEAD}", "P101", "a second document"),
    case("complex-key", HEAD + "? [a, b]\n: c\n", "P101", "a key that is a list or a mapping"),
    case("duplicate-at-root", "version: 1\nname: a\nname: b\n", "P101", "the key `name` stands here a second time"),
    case("duplicate-in-target", HEAD + "target: {psci: '1.1', psci: '1.0'}\n", "P101", "`psci` stands here a second"),
    case("duplicate-in-firmware", HEAD + "firmware: {std: [], std: []}\n", "P101", "`std` stands here a second"),
    case("duplicate-in-rule", rule("calls: [PSCI_CPU_ON], action: deny"), "P101", "`action` stands here a second"),
    case(
        "duplicate-in-except",
        rule("services: [trng], except: {calls: [TRNG_RND], calls: [TRNG_VERSION]}"),
        "P101",
        "`calls` stands here a second",
    ),
    case(
        "duplicate-in-test",
        HEAD + "tests: [{call: PSCI_CPU_ON, call: PSCI_CPU_OFF, expect: handle}]\n",
        "P101",
        "`call` stands here a second",
    ),
    case(
        "duplicate-in-allow",
        rule("calls: [TRNG_RND/64], allow: [{code: A305, reason: a, reason: b}]"),
        "P101",
        "`reason` stands here a second",
    ),
    # wrong values
    case("version-2", "version: 2\nname: a\n", "P103", "`version` is the number 2"),
    case("version-text", 'version: "1"\nname: a\n', "P103", '`version` is `"1"`'),
    case("version-true", "version: true\nname: a\n", "P103", "`version` is `true`"),
    case("version-nan", "version: .nan\nname: a\n", "P103", "`version` is the number .nan"),
    case("version-infinite", "version: -.inf\nname: a\n", "P103", "`version` is the number -.inf"),
    case("version-huge", f"version: {'9' * 5000}\nname: a\n", "P103", "`version` is `999"),
    case("version-null", "version:\nname: a\n", "P103", "`version` is empty"),
    case("version-list", "version: [1]\nname: a\n", "P103", "`version` is a list"),
    case("no-name", "version: 1\n", "P103", "`name` is missing"),
    case("name-upper-case", "version: 1\nname: Psci\n", "P103", "`name` is `Psci`"),
    case("name-digit", "version: 1\nname: 1st\n", "P103", "`name` is `1st`"),
    case("name-number", "version: 1\nname: 7\n", "P103", "`name` is the number 7"),
    case("name-nan", "version: 1\nname: .nan\n", "P103", "`name` is the number .nan"),
    case("name-markup", "version: 1\nname: '[bold]a[/bold]'\n", "P103", "[bold]a[/bold]"),
    case("name-newline", 'version: 1\nname: "a\\nb"\n', "P103", "`name` is"),
    case("name-with-newline-at-end", 'version: 1\nname: "a\\n"\n', "P103", "`name` is"),
    case("name-path", "version: 1\nname: ../../etc/passwd\n", "P103", "`name` is `../../etc/passwd`"),
    case("name-bidi", "version: 1\nname: 'a\u202eb'\n", "P103", "a\\u202eb"),
    case("name-long", f"version: 1\nname: '{'A' * 100_000}'\n", "P103", "AAA..."),
    case("unknown-key", HEAD + "ruels: []\n", "P102", "no field `ruels`"),
    case("unknown-key-markup", HEAD + "'[red]x': 1\n", "P102", "[red]x"),
    case("unknown-key-number", HEAD + "1: 2\n", "P102", "no field `1`"),
    case("unknown-key-null", HEAD + "~: 2\n", "P102", "no field `~`"),
    case("rules-mapping", HEAD + "rules: {action: deny}\n", "P103", "`rules` is a mapping"),
    case("rules-null", HEAD + "rules:\n", "P103", "`rules` is empty"),
    case("rule-text", HEAD + "rules: [deny]\n", "P103", "an item of `rules` is `deny`"),
    case("rule-without-action", HEAD + "rules: [{calls: [PSCI_CPU_ON]}]\n", "P103", "`action` is missing"),
    case("action-unknown", rule("calls: [PSCI_CPU_ON]").replace("deny", "drop"), "P103", "`action` is `drop`"),
    case("action-boolean", rule("calls: [PSCI_CPU_ON]").replace("deny", "no"), "P103", "`action` is `no`"),
    case("default-unknown", HEAD + "default: reject\n", "P103", "`default` is `reject`"),
    case("kernel-number", HEAD + "target: {kernels: [6.10]}\n", "P103", "the number 6.10"),
    case("kernel-unknown", HEAD + "target: {kernels: ['2.6']}\n", "P104", "no kernel `2.6` is known"),
    case("psci-unknown", HEAD + "target: {psci: '3.0'}\n", "P103", "`psci` is `3.0`"),
    case("firmware-unknown", HEAD + "firmware: {std: [trgn]}\n", "P104", "`trgn` is no bit"),
    case("call-unknown", rule("calls: [PSCI_CPU_OM]"), "P104", "no call is called `PSCI_CPU_OM`"),
    case("call-empty", rule("calls: ['']"), "P104", "no call is called ``"),
    case("call-nan", rule("calls: [.nan]"), "P103", "the number .nan"),
    case("call-number", rule("calls: [0x84000003]"), "P104", "`0x84000003` is an ID, not a name"),
    case("call-form", rule("calls: [PSCI_CPU_OFF/64]"), "P104", "`PSCI_CPU_OFF` has no form `/64`"),
    case("service-unknown", rule("services: [pcsi]"), "P104", "no service is called `pcsi`"),
    # wrong function IDs
    case("range-decimal", rule("ranges: [2214592515]"), "P103", "decimal function ID 2214592515"),
    case("range-decimal-text", rule("ranges: ['2214592515']"), "P103", "decimal function ID 2214592515"),
    case("range-negative", rule("ranges: [-1]"), "P103", "never negative: -1"),
    case("range-negative-hex", rule("ranges: [-0x1]"), "P103", "nothing stands before the `-` in `-0x1`"),
    case("range-33-bits", rule("ranges: [0x184000003]"), "P103", "0x184000003 has more than 32 bits"),
    case("range-33-bits-decimal", rule("ranges: [4294967296]"), "P103", "4294967296 has more than 32 bits"),
    case("range-last-33-bits", rule("ranges: [0x84000003-0x184000003]"), "P103", "has more than 32 bits"),
    case("range-huge", rule(f"ranges: [0x{'F' * 5000}]"), "P103", "has more than 32 bits"),
    case("range-huge-decimal", rule(f"ranges: [{'9' * 5000}]"), "P103", "999"),
    case("range-nan", rule("ranges: [.nan]"), "P103", "the number .nan"),
    case("range-float", rule("ranges: [1.5]"), "P103", "the number 1.5"),
    case("range-octal", rule("ranges: [0o17]"), "P103", "`0o17` is not a function ID"),
    case("range-backwards", rule("ranges: [0xC400001F-0xC4000000]"), "R204", "0xC400001F-0xC4000000"),
    case("range-past-the-end", rule("ranges: [0xFFFFFFFF+2]"), "R204", "0xFFFFFFFF+2"),
    case("range-count-0", rule("ranges: [0x84000003+0]"), "R203", "has no functions"),
    case("range-count-2-to-32", rule("ranges: [0x0+0x100000000]"), "P103", "0x100000000"),
    case("range-count-2-to-32-decimal", rule("ranges: [0x0+4294967296]"), "P103", "4294967296"),
    case("range-everything", rule("ranges: [0x0-0xFFFFFFFF]"), "R202", "0x80000000-0x8000FFFF and 0xC0000000", 0),
    case("range-words", rule("ranges: [all]"), "P103", "`all` is not a function ID"),
    case("range-markup", rule("ranges: ['[link=http://a]x']"), "P103", "`[link=http://a]x` is not a function ID"),
    case("range-spaces", rule("ranges: [0x84000003 - 0x84000004]"), "P103", "is not a range"),
    case("range-other-digits", rule("ranges: ['0x\u0661\u0662']"), "P103", "is not a function ID"),
    # a name that means nothing to a rule of the language but everything to a terminal
    case("rule-name-escape", rule('calls: [PSCI_CPU_ON], name: "\\e[2J"'), "P101", "U+001B"),
    case("reason-bell", rule('calls: [PSCI_CPU_ON], reason: "\\a"'), "P101", "U+0007"),
    case("call-markup", rule("calls: ['[red]PSCI[/red]']"), "P104", "[red]PSCI[/red]"),
    case("call-bidi", rule("calls: ['PSCI\u202e']"), "P104", "PSCI\\u202e"),
    case("call-newline", rule('calls: ["PSCI\\nerror: forged"]'), "P104", "PSCI\\nerror: forged"),
)
