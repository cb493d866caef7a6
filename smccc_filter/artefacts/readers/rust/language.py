"""Words of the Rust language and its standard library whose meaning a reader of entries needs."""

KNOWN_MACROS = frozenset(
    {
        *("addr_of", "assert", "assert_eq", "assert_ne", "bail", "debug", "debug_assert", "debug_assert_eq"),
        *("debug_assert_ne", "ensure", "eprint", "eprintln", "error", "format", "info", "panic", "print", "println"),
        *("trace", "vec", "warn", "write", "writeln"),
    }
)
"""Macros that change nothing of what they are given and bind no name."""
