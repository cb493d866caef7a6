"""Words of C that the reader counts on: a file that gives one of them another meaning is not read."""

from smccc_filter.artefacts.readers.source.linux import DEFINED, STRUCT, STRUCT_FIELDS

TYPES = {
    **dict.fromkeys(("u8", "__u8", "uint8_t", "__uint8_t", "unsigned char"), 8),
    **dict.fromkeys(("u16", "__u16", "uint16_t", "__uint16_t", "unsigned short", "unsigned short int"), 16),
    **dict.fromkeys(("u32", "__u32", "uint32_t", "__uint32_t", "unsigned", "unsigned int", "int"), 32),
    **dict.fromkeys(("s32", "__s32", "int32_t", "signed", "signed int"), 32),
    **dict.fromkeys(("u64", "__u64", "uint64_t", "__uint64_t", "size_t", "uintptr_t"), 64),
    **dict.fromkeys(("unsigned long", "unsigned long int", "long unsigned int", "unsigned long long"), 64),
    **dict.fromkeys(("long", "long int", "long long", "unsigned long long int", "long long unsigned int"), 64),
}
"""Integer types and their bits on 64-bit Linux; of those with a sign only values that fit without it are computed."""

ACTION_ENUM = "kvm_smccc_filter_action"
DEVICE_ATTR = "kvm_device_attr"

STORAGE = frozenset({"static", "extern", "typedef", "register", "auto", "inline", "constexpr", "_Thread_local"})
QUALIFIERS = frozenset({"const", "volatile", "restrict", "__restrict", "_Atomic"})
STATEMENTS = frozenset({
    *("if", "else", "for", "while", "do", "switch", "case", "default", "return", "goto", "break", "continue", "sizeof"),
    *("typeof", "__typeof__", "throw", "new", "delete", "co_return", "using", "namespace"),
})  # fmt: skip
KEYWORDS = frozenset({
    *("const", "volatile", "struct", "union", "enum", "typedef", "static", "extern", "register", "auto"),
    *("if", "else", "for", "while", "do", "switch", "case", "default", "return", "goto", "break", "continue", "sizeof"),
    *("int", "long", "short", "char", "signed", "unsigned", "void", "float", "double", "class", "constexpr", "defined"),
    *(word for name in TYPES for word in name.split()),
    *(STRUCT, *STRUCT_FIELDS, ACTION_ENUM, DEVICE_ATTR, "addr"),
    *(DEFINED - {"KVM_ARM_VM_SMCCC_CTRL", "KVM_ARM_VM_SMCCC_FILTER"}),
})  # fmt: skip
"""No macro may have such a name."""

HARMLESS_PRAGMAS = (
    *(("once",), ("pack",), ("message",), ("region",), ("endregion",), ("comment",)),
    *(("GCC", "diagnostic"), ("clang", "diagnostic"), ("GCC", "visibility"), ("GCC", "system_header")),
)
HARMLESS_ATTRIBUTES = frozenset({"unused", "used", "maybe_unused", "packed", "aligned", "visibility"})
INSTALLERS = {
    "ioctl": 1,
    "kvm_vm_ioctl": 1,
    "kvm_device_attr_set": 0,
    "__kvm_device_attr_set": 0,
}
"""Functions of VMMs and Linux's selftests that give an entry to KVM and leave it as it is.

Each has the index of the argument that says what is asked; 0 where the function asks the same thing always.
"""
ASKED = frozenset({"KVM_SET_DEVICE_ATTR", "KVM_HAS_DEVICE_ATTR"})
"""What such a function may be asked for: KVM_GET_DEVICE_ATTR writes."""
GET_NUMBER = 0xE2
"""KVM_GET_DEVICE_ATTR's number, where the preprocessor has expanded it."""

COUNTS = frozenset({"ARRAY_SIZE", "ARRAY_LENGTH", "G_N_ELEMENTS", "countof", "_countof", "sizeof"})
"""What takes an array and gives the number of its elements."""
PRINTERS = frozenset({
    *("printf", "fprintf", "snprintf", "dprintf", "error_report", "warn_report", "info_report", "error_setg"),
    *("pr_err", "pr_warning", "pr_info", "pr_debug", "die", "die_perror", "err", "errx", "warn", "warnx", "assert"),
    *("g_assert", "TEST_ASSERT", "trace", "syslog", "perror", "fatal", "BUG_ON", "WARN_ON", "likely", "unlikely"),
})  # fmt: skip
"""What takes a field's value."""
