"""The VMM's half of the C header: rows for its text, and the same rows read back from it."""

import re
from collections.abc import Iterator, Mapping

from smccc_filter.artefacts.backends import c_vmm_text
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

WIDTH = 80


def emit(vmm: VmmProgram, symbol: str) -> tuple[str, dict[str, str]]:
    """Return the text of the VMM's half and what stands in its slots."""
    handlers = handlers_of(vmm.handled, vmm.answered)
    return c_vmm_text.text_of(half_of(handlers)), {
        "answers": str(len(vmm.answers)),
        "handled": str(len(vmm.handled)),
        "answered": "".join(_answered(vmm)),
        "ids": "".join(
            f"/* {call_meaning(fid)} */\n#define {symbol.upper()}_FID_{fid:08X} 0x{fid:08X}U\n" for fid in vmm.handled
        ),
        "handles": "".join(f"    {symbol.upper()}_FID_{fid:08X},\n" for fid in vmm.handled),
        "members": "".join(map(_member, handlers)),
        "present": "".join(
            f"        {{ handlers->{handler.name} !=\n              {symbol.upper()}_NULL,\n"
            f'          "{handler.name}" }},\n'
            for handler in handlers
        ),
        "ready": "".join(f"{_labels(handler, symbol)}{_ready(handler, symbol)}" for handler in handlers),
        "cases": "".join(f"{_labels(handler, symbol)}{_call(handler, symbol)}        break;\n" for handler in handlers),
    }


def _answered(vmm: VmmProgram) -> Iterator[str]:
    for func_id, asked, registers in vmm.answers:
        yield f"    /* {answer_meaning(func_id, asked)} */\n"
        key = f"    {{ 0x{func_id:08X}U, 0x{0 if asked is None else ALL_BITS:08X}U, 0x{asked or 0:08X}U,"
        words = [f"0x{register:X}ULL" for register in registers]
        line = f"      {{ {', '.join(words)} }} }},\n"
        yield f"{key}\n"
        yield (
            line if len(line) <= WIDTH else f"      {{ {words[0]}, {words[1]},\n        {words[2]}, {words[3]} }} }},\n"
        )


def _member(handler: Handler) -> str:
    kind = "int64_t" if handler.shape in {HandlerShape.STATUS, HandlerShape.ENTROPY} else "void"
    parameters = ["void *vcpu"]
    parameters += [f"{'uint64_t' if wide else 'uint32_t'} {name}" for _, name, wide in handler.arguments]
    parameters += [f"uint64_t *out_{name}" for _, name in handler.outputs]
    if handler.shape is HandlerShape.ENTROPY:
        parameters.append("uint8_t *entropy")
    if handler.shape is HandlerShape.RAW:
        parameters += ["const uint64_t *regs", "uint64_t *results"]
    lines = ",\n".join(f"        {parameter}" for parameter in parameters)
    comment = f"{handler.name.upper()}{RETURNS[handler.returns]}"
    return f"    /* {comment} */\n    {kind} (*{handler.name})(\n{lines});\n"


def _labels(handler: Handler, symbol: str) -> str:
    return "".join(f"    case {symbol.upper()}_FID_{fid:08X}:\n" for fid in handler.func_ids)


def _ready(handler: Handler, symbol: str) -> str:
    """Return the statement that tells whether the handler answers: not where a row does, and not where it is NULL."""
    null = f"{symbol.upper()}_NULL"
    if handler.is_partial:
        return (
            f"        return {symbol}_find(regs) ==\n                   {null} &&\n"
            f"               handlers->{handler.name} !=\n                   {null};\n"
        )
    return f"        return handlers->{handler.name} !=\n               {null};\n"


def _call(handler: Handler, symbol: str) -> str:
    """Return the statements that call a handler and set what it answers."""
    match handler.shape:
        case HandlerShape.ENTROPY:
            return f"        status =\n            {symbol}_entropy(handlers, vcpu, regs, out);\n"
        case HandlerShape.RAW:
            return f"        handlers->{handler.name}(vcpu, regs, out);\n        raw = true;\n"
        case _:
            values = ["vcpu", *(_argument(argument, symbol) for argument in handler.arguments)]
            values += [f"&out[{register}]" for register, _ in handler.outputs]
            lines = ",\n".join(f"            {value}" for value in values)
    if handler.shape is HandlerShape.STATUS:
        return f"        status = handlers->{handler.name}(\n{lines});\n"
    return f"        handlers->{handler.name}(\n{lines});\n        status = {symbol.upper()}_INTERNAL_FAILURE;\n"


def _argument(argument: HandlerArgument, symbol: str) -> str:
    if argument.is_wide:
        return f"regs[{argument.register}] & {symbol}_used(regs)"
    return f"{symbol}_low(regs[{argument.register}])"


CALL = r"[^*\n]+"
LABELS = r"(?:    case \w+:\n)+"
WORD = r"0x[\dA-F]{1,16}ULL"
ROWS = VmmRows(
    {
        "answered": rf"    /\* ({CALL}) \*/\n    \{{ 0x([\dA-F]{{8}})U, 0x([\dA-F]{{8}})U, 0x([\dA-F]{{8}})U,\n"
        rf"      \{{ ({WORD}, {WORD},(?: |\n {{8}}){WORD}, {WORD}) \}} \}},\n",
        "ids": rf"/\* ({CALL}) \*/\n#define (\w+) 0x([\dA-F]{{8}})U\n",
        "handles": r"    ([A-Z]\w+),\n",
        "members": r"    /\* (\w+)([^*\n]*) \*/\n    (\w+) \(\*(\w+)\)\(\n        void \*vcpu"
        r"((?:,\n        [\w *]+)*)\);\n",
        "present": r'        \{ handlers->(\w+) !=\n              (\w+)_NULL,\n          "(\w+)" \},\n',
        "ready": rf"({LABELS})((?:        [^\n]+\n)+)",
        "cases": rf"({LABELS})((?:        [^\n]+\n)+?)        break;\n",
    },
    lines=r"(?:    (?!default:|\{ 0U,|0U,|\};)[^\n]*\n)*",
    ids=r"(?:(?:/\*|#define \w+_FID_)[^\n]*\n)*",
)


def half_in(source: str) -> VmmHalf:
    """Say which parts of the VMM's half a header has."""
    return VmmHalf(handlers="_HANDLED_COUNT 0U\n" not in source, entropy="_ENTROPY_BYTES " in source)


def decode(found: Mapping[str, str], symbol: str) -> DecodedVmm:
    """Read the rows as a compiler would; raises ValueError for rows that ``emit`` cannot have written."""
    ids = {}
    for comment, macro, digits in ROWS.read(found, "ids"):
        ids[macro] = number(digits)
        if comment != call_meaning(ids[macro]) or macro != f"{symbol.upper()}_FID_{digits}":
            raise ValueError(f"{macro} stands for {digits}, {comment}")
    handled = tuple(ids.get(macro, -1) for (macro,) in ROWS.read(found, "handles"))
    if handled != tuple(ids.values()) or found["handled"] != str(len(handled)):
        raise ValueError("a count or an ID is not that of its table's rows")
    names = dict(zip(ids, handled, strict=True))
    return DecodedVmm(read_answers(found, ROWS), handled, tuple(_read_handlers(found, names, symbol)))


def _read_handlers(found: Mapping[str, str], ids: Mapping[str, int], symbol: str) -> Iterator[Handler]:
    rows = [ROWS.read(found, slot) for slot in ("members", "present", "ready", "cases")]
    for member, present, ready, (labels, body) in zip(*rows, strict=True):
        name, macro = member[3], symbol.upper()
        always = f"        return handlers->{name} !=\n               {macro}_NULL;\n"
        first = f"        return {symbol}_find(regs) ==\n                   {macro}_NULL &&\n"
        partly = f"{first}               handlers->{name} !=\n                   {macro}_NULL;\n"
        if present != (name, macro, name) or ready[0] != labels or ready[1] not in {always, partly}:
            raise ValueError(f"not every part of the dispatcher is about {name}")
        func_ids = tuple(ids.get(label, -1) for label in re.findall(r"case (\w+):", labels))
        yield _read_handler(member, func_ids, body, symbol)._replace(is_partial=ready[1] == partly)


PARAMETER = re.compile(r",\n        (uint64_t |uint32_t |uint64_t \*out_)(\w+)")
"""A parameter of a typed handler after ``vcpu``: its type and its name."""
EXTRA = {
    HandlerShape.RAW: ",\n        const uint64_t *regs,\n        uint64_t *results",
    HandlerShape.ENTROPY: ",\n        uint64_t n,\n        uint8_t *entropy",
}
"""All parameters after ``vcpu`` of the handlers that get registers or an array."""


def _read_handler(member: tuple[str, ...], func_ids: tuple[int, ...], body: str, symbol: str) -> Handler:
    comment, remark, kind, name, parameters = member
    returns = returns_of(remark)
    if comment.lower() != name:
        raise ValueError(f"a comment says {comment} of {name}")
    shape, values = _read_call(body, name, symbol)
    if kind != ("int64_t" if shape in {HandlerShape.STATUS, HandlerShape.ENTROPY} else "void"):
        raise ValueError(f"{name} returns {kind}")
    if shape in EXTRA:
        if parameters != EXTRA[shape]:
            raise ValueError(f"{name} has other parameters")
        entropy = (HandlerArgument(1, "n", is_wide=True),) if shape is HandlerShape.ENTROPY else ()
        return Handler(name, func_ids, shape, returns, entropy)
    named = PARAMETER.findall(parameters)
    if "".join(f",\n        {kind}{word}" for kind, word in named) != parameters:
        raise ValueError(f"{name} has other parameters")
    arguments, outputs = [], []
    for (kind, word), value in zip(named, values, strict=True):
        register = re.sub(r"\D*(\d+).*", r"\1", value.removeprefix(f"{symbol}_low("))
        if (kind, value) == ("uint64_t ", f"regs[{register}] & {symbol}_used(regs)"):
            arguments.append(HandlerArgument(int(register), word, is_wide=True))
        elif (kind, value) == ("uint32_t ", f"{symbol}_low(regs[{register}])"):
            arguments.append(HandlerArgument(int(register), word, is_wide=False))
        elif (kind, value) == ("uint64_t *out_", f"&out[{register}]"):
            outputs.append(HandlerOutput(int(register), word))
        else:
            raise ValueError(f"{name} gets {value} as {word}")
    return Handler(name, func_ids, shape, returns, tuple(arguments), tuple(outputs))


def _read_call(body: str, name: str, symbol: str) -> tuple[HandlerShape, list[str]]:
    """Return the shape of the handler that a body calls, and its arguments after ``vcpu``."""
    if body == f"        handlers->{name}(vcpu, regs, out);\n        raw = true;\n":
        return HandlerShape.RAW, []
    if body == f"        status =\n            {symbol}_entropy(handlers, vcpu, regs, out);\n":
        return HandlerShape.ENTROPY, []
    failure = f"        status = {symbol.upper()}_INTERNAL_FAILURE;\n"
    shape = HandlerShape.NOTHING if body.endswith(failure) else HandlerShape.STATUS
    begin = f"        {'status = ' if shape is HandlerShape.STATUS else ''}handlers->{name}(\n            vcpu"
    call = body.removesuffix(failure)
    if not (call.startswith(begin) and call.endswith(");\n")):
        raise ValueError(f"{name} is called in another way")
    return shape, call[len(begin) : -len(");\n")].split(",\n            ")[1:]
