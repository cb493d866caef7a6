"""The agent with generated dispatchers in it, C's and Rust's, compiled as a VMM does and linked into one program."""

import os
import tempfile
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from smccc_filter.artefacts.backends import backend
from smccc_filter.artefacts.backends.program import CompiledPolicy
from tests.artefacts.backends.vmm_c import c_handler, handlers_of
from tests.artefacts.backends.vmm_oracle import HandlerFact
from tests.artefacts.backends.vmm_rust import handler as rust_handler
from tests.programs.live.agent import link
from tests.programs.live.rust import compile_rust
from tests.programs.live.toolchain import CROSS_COMPILER, HERE, run, tool

LANGUAGES = ("c", "rust")
AT_ONCE = 40
"""Dispatchers that are compiled together: enough that starting a compiler is cheap, few enough to keep two busy."""
C_FLAGS = ("-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function", "-Wno-unused-const-variable")
RUST_FLAGS = ("-C", "codegen-units=1", "--cap-lints", "allow")
"""Without optimisation overflows are checked, as in a debug build."""


class Dispatcher(NamedTuple):
    """What is generated for a policy in one language; ``change`` is made to its text."""

    compiled: CompiledPolicy
    language: str
    change: Callable[[str], str] = str

    @property
    def name(self) -> str:
        """What the agent calls it."""
        return self.compiled.symbol

    @property
    def is_changed(self) -> bool:
        """Whether the text is not the generated one, and so may give warnings."""
        return self.change is not str

    @property
    def text(self) -> str:
        """The header or module."""
        return self.change(backend(self.language).emit(self.compiled).decode())


def agent_with(dispatchers: Collection[Dispatcher]) -> bytes:
    """Return the agent that has these dispatchers. Their names must differ."""
    with tempfile.TemporaryDirectory(prefix="smccc-filter-") as name, ThreadPoolExecutor(os.cpu_count()) as pool:
        folder = Path(name)
        jobs = []
        for language, compiled in (("c", _compile_c), ("rust", _compile_rust)):
            ours = sorted((one for one in dispatchers if one.language == language), key=attrgetter("is_changed"))
            batches = [ours[i : i + AT_ONCE] for i in range(0, len(ours), AT_ONCE)]
            for i, batch in enumerate(batches):
                jobs.append(pool.submit(partial(compiled, folder / f"{language}{i}", batch)))
        objects = [job.result() for job in jobs]
        return link([one.name for one in dispatchers], objects)


def c_source(dispatchers: Sequence[Dispatcher]) -> str:
    """Write handlers that all share, for each call the one that its facts ask for, and each dispatcher with its own."""
    handlers = {one.name: one for each in dispatchers for one in handlers_of(each.compiled)}
    includes = "".join(f'#include "{each.name}.h"\n' for each in dispatchers)
    shared = "".join(c_handler("shared", one) for one in handlers.values())
    functions = "".join(_c_function(each.name, handlers_of(each.compiled)) for each in dispatchers)
    return (
        f'#include <stdlib.h>\n#include "dispatchers.h"\n#include "hashing_handlers.h"\n{includes}{shared}{functions}'
    )


def rust_source(dispatchers: Sequence[Dispatcher]) -> str:
    """Write the crate: every module, and for each the handlers that its trait wants."""
    modules = "".join(f'mod {each.name} {{ include!("{each.name}.rs"); }}\n' for each in dispatchers)
    handlers = "".join(
        f"impl {each.name}::Handlers for Given {{\n{''.join(map(rust_handler, handlers_of(each.compiled)))}}}\n"
        f"exported!(dispatch_{each.name}, {each.name});\n"
        for each in dispatchers
    )
    text = (HERE / "hashing_handlers.rs").read_text(encoding="ascii")
    return text.replace("MODULES\n", modules).replace("HANDLERS\n", handlers)


def _c_function(symbol: str, handlers: Sequence[HandlerFact]) -> str:
    table = "".join(f"        .{one.name} = shared_handle_{one.name},\n" for one in handlers)
    given = f"    static const struct {symbol}_handlers handlers = {{\n{table}    }};\n" if handlers else ""
    argument = "&handlers" if handlers else "NULL"
    return (
        f"uint64_t dispatch_{symbol}(const uint64_t *x, uint64_t *results)\n{{\n{given}    told = 0;\n"
        f"    if (!{symbol}_dispatch({argument}, &vcpu_object, x, results))\n        abort();\n    return told;\n}}\n"
    )


def _compile_c(folder: Path, dispatchers: Sequence[Dispatcher]) -> Path:
    folder.mkdir()
    for each in dispatchers:
        (folder / f"{each.name}.h").write_text(each.text, encoding="utf-8")
    source, output = folder / "dispatchers.c", folder.with_suffix(".o")
    source.write_text(c_source(dispatchers), encoding="utf-8")
    flags = ("-w",) if any(each.is_changed for each in dispatchers) else ()
    run(tool(CROSS_COMPILER), *C_FLAGS, *flags, f"-I{HERE}", "-c", "-o", str(output), str(source))
    return output


def _compile_rust(folder: Path, dispatchers: Sequence[Dispatcher]) -> Path:
    folder.mkdir()
    for each in dispatchers:
        (folder / f"{each.name}.rs").write_text(each.text, encoding="utf-8")
    source, output = folder / "dispatchers.rs", folder.with_suffix(".a")
    source.write_text(rust_source(dispatchers), encoding="utf-8")
    compile_rust(source, output, "--crate-name", folder.name, *RUST_FLAGS)
    return output
