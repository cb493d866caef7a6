"""The VMM's half of the Rust module: rows for its text, and the same rows read back from it."""

import re
from collections.abc import Iterator, Mapping

from smccc_filter.artefacts.backends import rust_vmm_text
from smccc_filter.artefacts.backends.handlers import Handler, HandlerArgument, HandlerOutput, HandlerShape, handlers_of
from smccc_filter.artefacts.backends.program import DecodedVmm, VmmProgram
from smccc_filter.artefacts.backends.vmm_rows import (
    ALL_BITS,
    RETURNS,
    VmmHalf,
    VmmRows,
    answer_meaning,
    call_meaning,
    half_of,
    number,
    read_answers,
    returns_of,
)

WIDTH = 100
RAW = "x: &[u64; 18], results: &mut [u64; 4]"
ENTROPY = "n: u64, entropy: &mut [u8; 24]"


def emit(vmm: VmmProgram) -> tuple[str, dict[str, str]]:
    """Return the text of the VMM's half and what stands in its slots."""
    handlers = handlers_of(vmm.handled, vmm.answered)
    return rust_vmm_text.text_of(half_of(handlers)), {
        "answers": str(len(vmm.answers)),
        "handled": str(len(vmm.handled)),
        "answered": "".join(_answered(vmm)) + ("\n" if vmm.answers else ""),
        "handles": "".join(f"\n    0x{fid:09_X}, // {call_meaning(fid)}" for fid in vmm.handled)
        + ("\n" if vmm.handled else ""),
        "members": "".join(map(_member, handlers)),
        "cases": "".join(map(_case, handlers)),
    }


def _answered(vmm: VmmProgram) -> Iterator[str]:
    for func_id, asked, registers in vmm.answers:
        words = ", ".join(f"0x{register:_X}" for register in registers)
        mask = 0 if asked is None else ALL_BITS
        yield (
            f"\n    // {answer_meaning(func_id, asked)}"
            f"\n    Answer {{ func_id: 0x{func_id:09_X}, mask: 0x{mask:09_X}, asked: 0x{asked or 0:09_X},"
            f"\n             results: [{words}] }},"
        )


def _member(handler: Handler) -> str:
    parameters = [f"{name}: {'u64' if wide else 'u32'}" for _, name, wide in handler.arguments]
    parameters += [f"out_{output.name}: &mut u64" for output in handler.outputs]
    match handler.shape:
        case HandlerShape.RAW:
            parameters = [RAW]
        case HandlerShape.ENTROPY:
            parameters = [ENTROPY]
    result = " -> i64" if handler.shape in {HandlerShape.STATUS, HandlerShape.ENTROPY} else ""
    line = f"    fn {handler.name}({', '.join(['&mut self', *parameters])}){result};\n"
    if len(line) > WIDTH:
        lines = "".join(f"        {parameter},\n" for parameter in ("&mut self", *parameters))
        line = f"    fn {handler.name}(\n{lines}    ){result};\n"
    return f"    /// `{handler.name.upper()}`{RETURNS[handler.returns]}.\n{line}"


def _case(handler: Handler) -> str:
    return f"{_pattern(handler)}        => {{\n{_body(handler)}        }}\n"


def _pattern(handler: Handler) -> str:
    ids = (f"0x{fid:09_X} // {call_meaning(fid)}\n" for fid in handler.func_ids)
    return "        " + "        | ".join(ids)


def _body(handler: Handler) -> str:
    match handler.shape:
        case HandlerShape.RAW:
            return f"            handlers.{handler.name}(x, &mut out);\n            out\n"
        case HandlerShape.ENTROPY:
            return "            entropy(handlers, x)\n"
        case HandlerShape.NOTHING:
            begin, end = "            ", "            place(x, INTERNAL_FAILURE, out)\n"
        case HandlerShape.STATUS:
            begin, end = "            let status = ", "            place(x, status, out)\n"
    outputs = {output.register for output in handler.outputs}
    words = ", ".join(f"x{register}" if register in outputs else "_" for register in range(4))
    values = [f"x[{n}] & used(x)" if wide else f"low(x[{n}])" for n, _, wide in handler.arguments]
    values += [f"x{register}" for register, _ in handler.outputs]
    borrowed = f"            let [{words}] = &mut out;\n" if outputs else ""
    lines = "".join(f"                {value},\n" for value in values)
    call = f"(\n{lines}            )" if values else "()"
    return f"{borrowed}{begin}handlers.{handler.name}{call};\n{end}"


CALL = r"[^\n]+"
ID = r"0x[\dA-F]{4}_[\dA-F]{4}"
WORD = r"0x[\dA-F_]{1,19}"
ROWS = VmmRows(
    {
        "answered": rf"\n    // ({CALL})\n    Answer \{{ func_id: ({ID}), mask: ({ID}), asked: ({ID}),\n"
        rf"             results: \[({WORD}, {WORD}, {WORD}, {WORD})\] \}},",
        "handles": rf"\n    ({ID}), // ({CALL})",
        "members": r"    /// `(\w+)`([^\n]*)\.\n    fn (\w+)\(\s*&mut self"
        r"((?:,\s+\w+: [\w &;\[\]]+)*),?\s*\)( -> i64)?;\n",
        "cases": rf"((?:        (?:\| )?{ID} // {CALL}\n)+)        => \{{\n((?:            [^\n]+\n)+)        \}}\n",
    },
    lines=r"\n?(?:    (?!    _ =>)[^\n]+\n)*",
)


def half_in(source: str) -> VmmHalf:
    """Say which parts of the VMM's half a module has."""
    return VmmHalf(handlers="\nconst HANDLED: [u32; 0] " not in source, entropy="\nfn entropy(" in source)


def decode(found: Mapping[str, str]) -> DecodedVmm:
    """Read the rows as a compiler would; raises ValueError for rows that ``emit`` cannot have written."""
    handled = _ids(ROWS.read(found, "handles"))
    if found["handled"] != str(len(handled)):
        raise ValueError("a count is not that of its table's rows")
    members = ROWS.read(found, "members")
    cases = ROWS.read(found, "cases")
    answers, handlers = read_answers(found, ROWS), []
    answered = {answer.func_id for answer in answers}
    for member, (pattern, body) in zip(members, cases, strict=True):
        func_ids = _ids(re.findall(rf"({ID}) // ({CALL})", pattern))
        handler = _read_handler(member, func_ids, body)
        if _pattern(handler) != pattern:
            raise ValueError(f"{handler.name} is matched in another way")
        handlers.append(handler._replace(is_partial=not answered.isdisjoint(func_ids)))
    return DecodedVmm(answers, handled, tuple(handlers))


def _ids(pairs: list[tuple[str, ...]]) -> tuple[int, ...]:
    for digits, comment in pairs:
        if comment != call_meaning(number(digits)):
            raise ValueError(f"a comment says {comment} of {digits}")
    return tuple(number(digits) for digits, _ in pairs)


STATUS = re.compile(
    r"(?:            let \[_, (x1|_), (x2|_), (x3|_)\] = &mut out;\n)?"
    r"            (let status = )?handlers\.(\w+)\((?:\n((?:                [^\n]+,\n)+)            )?\);\n"
    r"            place\(x, (status|INTERNAL_FAILURE), out\)\n"
)


def _read_handler(member: tuple[str, ...], func_ids: tuple[int, ...], body: str) -> Handler:
    comment, remark, name, parameters, result = member
    returns = returns_of(remark)
    if comment.lower() != name:
        raise ValueError(f"a comment says {comment} of {name}")
    if body == f"            handlers.{name}(x, &mut out);\n            out\n":
        shape, expected = HandlerShape.RAW, (f", {RAW}", "")
    elif body == "            entropy(handlers, x)\n":
        shape, expected = HandlerShape.ENTROPY, (f", {ENTROPY}", " -> i64")
    else:
        return _read_typed(name, func_ids, parameters, result, body)._replace(returns=returns)
    if (parameters, result) != expected:
        raise ValueError(f"{name} has other parameters")
    entropy = (HandlerArgument(1, "n", is_wide=True),) if shape is HandlerShape.ENTROPY else ()
    return Handler(name, func_ids, shape, returns, entropy)


def _read_typed(name: str, func_ids: tuple[int, ...], parameters: str, result: str, body: str) -> Handler:
    call = STATUS.fullmatch(body)
    if call is None or call[5] != name or (call[4] is None) != (result == ""):
        raise ValueError(f"{name} is called in another way")
    if call[7] != ("status" if result else "INTERNAL_FAILURE"):
        raise ValueError(f"{name} leaves {call[7]}")
    named = re.findall(r",\s+(\w+): ([^,]+)", parameters)
    values = re.findall(r" {16}([^\n]+),\n", call[6] or "")
    arguments, outputs = [], []
    for (word, kind), value in zip(named, values, strict=True):
        register = re.sub(r"\D*(\d+).*", r"\1", value.removeprefix("low("))
        if (kind, value) == ("u64", f"x[{register}] & used(x)"):
            arguments.append(HandlerArgument(int(register), word, is_wide=True))
        elif (kind, value) == ("u32", f"low(x[{register}])"):
            arguments.append(HandlerArgument(int(register), word, is_wide=False))
        elif kind == "&mut u64" and word.startswith("out_") and register != "0" and value in call.groups()[:3]:
            outputs.append(HandlerOutput(int(register), word.removeprefix("out_")))
        else:
            raise ValueError(f"{name} gets {value} as {word}")
    shape = HandlerShape.STATUS if result else HandlerShape.NOTHING
    return Handler(name, func_ids, shape, arguments=tuple(arguments), outputs=tuple(outputs))
