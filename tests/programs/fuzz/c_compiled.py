"""What C and C++ programs give to KVM when they run: compiled by GCC, with an ``ioctl`` that notes the entry."""

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from smccc_filter.kvm.uapi import KVM_SMCCC_FILTER
from tests.programs.fuzz.c_program import HEADER

Given = tuple[int, int, int, bytes]
"""Base, number of functions, action, and padding."""

COMPILERS = {
    "c": ("gcc", "-std=gnu17"),
    "c++": ("g++", "-x", "c++", "-std=c++20", "-fpermissive"),
}
"""The compiler of each language; -fpermissive takes the casts and temporaries of C."""

MAIN = r"""
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
struct attr { unsigned flags, group; unsigned long attr, addr; };
static int number;
int ioctl(int fd, unsigned long request, ...)
{
    va_list list;
    va_start(list, request);
    struct attr *attr = va_arg(list, struct attr *);
    va_end(list);
    printf("%d ", number);
    for (int i = 0; i < 24; i++)
        printf("%02x", ((unsigned char *)attr->addr)[i]);
    puts("");
    return 0;
}
/* A function of another file: who calls it can't know what it does. */
void strange(void *entry) { ((unsigned char *)entry)[8] ^= 1; }
struct program { int number; void (*run)(int); };
@DECLARATIONS@
static const struct program programs[] = { @ROWS@ };
int main(void)
{
    for (unsigned i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        int status;
        number = programs[i].number;
        if (fork() == 0) {
            alarm(2);
            programs[i].run(3);
            printf("%d end\n", number);
            fflush(stdout);
            _exit(0);
        }
        wait(&status);
    }
}
"""


def run_all(
    programs: Mapping[int, str],
    folder: Path,
    beside: Mapping[int, Mapping[str, str]] | None = None,
    definitions: Iterable[tuple[str, str]] = (),
    language: str = "c",
) -> dict[int, set[Given]]:
    """Return what each program gives; one that GCC refuses, or that crashes, is left out.

    ``beside`` has other files of a program, by name, and ``definitions`` macros of all. ``language`` is one of
    ``COMPILERS``.
    """
    others = {number: files for number, files in (beside or {}).items() if number in programs}
    for files in others.values():
        for name, text in files.items():
            (folder / name).write_text(text)
    second = {number: name for number, files in others.items() for name in files if name.endswith(".c")}
    (folder / "linux").mkdir()
    (folder / "linux" / "kvm.h").write_text(HEADER)
    for number, text in programs.items():
        (folder / f"p{number}.c").write_text(text)
    options = ["-w", "-O0", "-fno-builtin", "-I.", *(f"-D{name}={value}" for name, value in definitions)]
    sources = [*(f"p{number}.c" for number in programs), *second.values()]
    subprocess.run([*COMPILERS[language], *options, "-c", *sources], cwd=folder, capture_output=True, check=False)
    beside_it = {number: name.removesuffix(".c") + ".o" for number, name in second.items()}
    built = [
        number
        for number in programs
        if (folder / f"p{number}.o").exists() and (folder / beside_it.get(number, f"p{number}.o")).exists()
    ]
    declarations = "\n".join(f"void run_{number}(int fd);" for number in built)
    rows = ", ".join(f"{{ {number}, run_{number} }}" for number in built)
    (folder / "main.c").write_text(MAIN.replace("@DECLARATIONS@", declarations).replace("@ROWS@", rows))
    subprocess.run(["gcc", "-w", "-c", "main.c"], cwd=folder, check=True)
    objects = [f"p{number}.o" for number in built] + [beside_it[number] for number in built if number in beside_it]
    subprocess.run(
        ["g++" if language == "c++" else "gcc", "-w", "main.o", *objects, "-o", "all"], cwd=folder, check=True
    )
    done = subprocess.run([folder / "all"], capture_output=True, text=True, check=True)
    given: dict[int, set[Given]] = {}
    ended = set()
    for line in done.stdout.splitlines():
        of, _, word = line.partition(" ")
        if word == "end":
            ended.add(int(of))
        else:
            given.setdefault(int(of), set()).add(KVM_SMCCC_FILTER.unpack(bytes.fromhex(word)))
    return {number: entries for number, entries in given.items() if number in ended}
