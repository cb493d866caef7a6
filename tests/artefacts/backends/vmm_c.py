"""A C program around generated headers: a handler for every call, written from the facts, and exits to make."""

import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from smccc_filter.artefacts.backends import backend
from smccc_filter.artefacts.backends.program import CompiledPolicy
from smccc_filter.smccc import registry
from tests.artefacts.backends.tools import FOLDER, run, tool
from tests.artefacts.backends.vmm_oracle import U64, Expected, Given, HandlerFact, exits, expected, handler_of
from tests.smccc.registry.signature_facts import ValueFact

UNTOUCHED = [1, 2, 3, 4]


def names_of(program: CompiledPolicy) -> dict[int, str]:
    """Say what the handlers of IDs without facts are called."""
    assert program.vmm is not None
    names = {}
    for fid in program.vmm.handled:
        known = registry.by_id(fid)
        names[fid] = known[0].name.lower() if known else f"call_{fid:08x}"
    return names


def handlers_of(program: CompiledPolicy) -> list[HandlerFact]:
    assert program.vmm is not None
    names = names_of(program)
    handlers = {handler_of(fid, names).name: handler_of(fid, names) for fid in program.vmm.handled}
    return list(handlers.values())


def is_wide(value: ValueFact) -> bool:
    return 64 in value["width"].values()


def c_handler(symbol: str, handler: HandlerFact) -> str:
    """Write a handler that tells its arguments and leaves what is given, with the types that the facts ask for."""
    name = f"{symbol}_handle_{handler.name}"
    if handler.fact is None:
        return (
            f"static void {name}(void *vcpu, const uint64_t *x, uint64_t *results)\n{{\n"
            f'    tell_all(vcpu, "{handler.name}", x);\n'
            "    results[0] = (uint64_t)given_status;\n"
            "    memcpy(results + 1, given_out + 1, 3 * sizeof(*results));\n}\n"
        )
    arguments, outputs = handler.arguments(), handler.outputs()
    parameters = ["void *vcpu"]
    parameters += [f"{'uint64_t' if is_wide(value) else 'uint32_t'} a{i}" for i, value in enumerate(arguments)]
    parameters += [f"uint64_t *o{value['register'][1:]}" for value in outputs]
    parameters += ["uint8_t *entropy"] if handler.is_entropy else []
    told = ", ".join([f"{len(arguments)}", *(f"(uint64_t)a{i}" for i in range(len(arguments)))])
    body = f'    tell(vcpu, "{handler.name}", {told});\n'
    for value in outputs:
        register = value["register"][1:]
        body += f"    *o{register} = given_out[{register}];\n"
    if handler.is_entropy:
        body += "    memcpy(entropy, given_entropy, ENTROPY_BYTES);\n"
    if not handler.returns_nothing:
        body += "    return given_status;\n"
    kind = "void" if handler.returns_nothing else "int64_t"
    return f"static {kind} {name}({', '.join(parameters)})\n{{\n{body}}}\n"


def dispatcher(program: CompiledPolicy) -> str:
    """Write the handlers of one policy and what calls its dispatcher."""
    symbol, handlers = program.symbol, handlers_of(program)
    text = "".join(c_handler(symbol, handler) for handler in handlers)
    head = f"static bool {symbol}_run(bool with_handlers, const uint64_t *x, uint64_t *results)\n{{\n"
    if not handlers:
        return (
            f"{text}{head}    (void)with_handlers;\n    return {symbol}_dispatch(NULL, &vcpu_object, x, results);\n}}\n"
        )
    text += f"static void {symbol}_set(struct {symbol}_handlers *handlers)\n{{\n"
    text += "".join(f"    handlers->{handler.name} = {symbol}_handle_{handler.name};\n" for handler in handlers)
    return (
        f"{text}}}\n{head}    struct {symbol}_handlers handlers;\n"
        "    memset(&handlers, 0, sizeof(handlers));\n"
        f"    if (with_handlers)\n        {symbol}_set(&handlers);\n"
        f"    return {symbol}_dispatch(&handlers, &vcpu_object, x, results);\n}}\n"
    )


def nulls(program: CompiledPolicy) -> str:
    """Write what asks about NULL in place of each pointer; it prints a line for each that is taken otherwise."""
    symbol, handlers = program.symbol, handlers_of(program)
    text = (
        "    {\n        uint64_t r[18] = {0};\n"
        f'        if ({symbol}_answer(NULL, r) || {symbol}_answer(r, NULL)) printf("{symbol} answers NULL\\n");\n'
        f"        if ({symbol}_dispatch(NULL, NULL, NULL, r) || {symbol}_dispatch(NULL, NULL, r, NULL))\n"
        f'            printf("{symbol} dispatches NULL\\n");\n'
    )
    if not handlers:
        return f'{text}        if ({symbol}_missing_handler(NULL)) printf("{symbol} misses one\\n");\n    }}\n'
    text += f"        struct {symbol}_handlers h;\n        memset(&h, 0, sizeof(h));\n"
    text += f'        if ({symbol}_dispatch(NULL, NULL, r, r)) printf("{symbol} dispatches without handlers\\n");\n'
    for handler in handlers:
        text += f'        printf("%s\\n", {symbol}_missing_handler(&h));\n'
        text += f"        h.{handler.name} = {symbol}_handle_{handler.name};\n"
    return f'{text}        if ({symbol}_missing_handler(&h)) printf("{symbol} still misses one\\n");\n    }}\n'


def build(
    folder: Path,
    programs: Sequence[CompiledPolicy],
    flags: Iterable[str],
    compiler: str = "gcc",
    changes: Mapping[str, Callable[[str], str]] = MappingProxyType({}),
) -> Path:
    """Compile the driver around the headers of ``programs``; ``changes`` are made to the text of the one so called."""
    for program in programs:
        text = backend("c").emit(program).decode()
        (folder / f"{program.name}.h").write_text(changes.get(program.name, str)(text))
    source = (FOLDER / "vmm_driver.c").read_text()
    for slot, text in {
        "HEADERS": "".join(f'#include "{program.name}.h"\n' for program in programs),
        "DISPATCHERS": "".join(map(dispatcher, programs)),
        "    NULLS\n": "".join(map(nulls, programs)),
        "        CASES\n": "".join(
            f"        case {i}:\n"
            f"            make_exit({program.symbol}_answer, {program.symbol}_run, with_handlers != 0, x);\n"
            "            break;\n"
            for i, program in enumerate(programs)
        ),
    }.items():
        assert source.count(slot) == 1, slot
        source = source.replace(slot, text)
    (folder / "driver.c").write_text(source)
    language = ("-x", "c++") if "++" in compiler else ()
    run(tool(compiler), *flags, *language, folder / "driver.c", "-o", folder / "driver")
    return folder / "driver"


def cases(programs: Sequence[CompiledPolicy]) -> tuple[list[tuple[int, Given]], str]:
    """Return the exits of all programs, by their place, and what the driver reads of them."""
    made = [(i, given) for i, program in enumerate(programs) if program.vmm for given in exits(program.vmm)]
    lines = [
        f"{i} {int(given.handlers)} {' '.join(f'{word:x}' for word in given.x)} {given.status} "
        f"{' '.join(f'{word & U64:x}' for word in given.out)} {' '.join(f'{byte:02x}' for byte in given.entropy)}"
        for i, given in made
    ]
    return made, "\n".join(lines)


def wanted_line(wanted: Expected) -> str:
    """Write what the driver prints of one exit."""

    def shown(words: list[int]) -> str:
        return " ".join(f"{word:x}" for word in words)

    answer = f"1 {shown(wanted.answer)}" if wanted.answer is not None else f"0 {shown(UNTOUCHED)}"
    return f" | answer {answer} | dispatch 1 {shown(wanted.results)} | {wanted.called} |"


def wanted_output(programs: Sequence[CompiledPolicy], made: list[tuple[int, Given]]) -> list[str]:
    """Say what the driver prints: which handlers are missing, one after the other, then every exit."""
    missing = [handler.name for program in programs for handler in handlers_of(program)]
    names = list(map(names_of, programs))
    vmms = [program.vmm for program in programs]
    return missing + [wanted_line(expected(vmm, given, names[i])) for i, given in made if (vmm := vmms[i])]


def drive(driver: Path, text: str) -> list[str]:
    """Run the driver; a sanitizer's message is the failure's text."""
    done = subprocess.run([driver], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()
