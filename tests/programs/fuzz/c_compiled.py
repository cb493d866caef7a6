"""What C programs give to KVM when they run: compiled by gcc, with an ``ioctl`` that notes the entry."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from smccc_filter.kvm.uapi import KVM_SMCCC_FILTER
from tests.programs.fuzz.c_program import HEADER

Given = tuple[int, int, int, bytes]
"""Base, number of functions, action, and padding."""

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


def run_all(programs: Mapping[int, str], folder: Path) -> dict[int, set[Given]]:
    """Return what each program gives; one that gcc refuses, or that crashes, is left out."""
    (folder / "linux").mkdir()
    (folder / "linux" / "kvm.h").write_text(HEADER)
    for number, text in programs.items():
        (folder / f"p{number}.c").write_text(text)
    command = ["gcc", "-w", "-O0", "-fno-builtin", "-std=gnu17", "-I.", "-c", *(f"p{number}.c" for number in programs)]
    subprocess.run(command, cwd=folder, capture_output=True, check=False)
    built = [number for number in programs if (folder / f"p{number}.o").exists()]
    declarations = "\n".join(f"void run_{number}(int fd);" for number in built)
    rows = ", ".join(f"{{ {number}, run_{number} }}" for number in built)
    (folder / "main.c").write_text(MAIN.replace("@DECLARATIONS@", declarations).replace("@ROWS@", rows))
    objects = [f"p{number}.o" for number in built]
    subprocess.run(["gcc", "-w", "main.c", *objects, "-o", "all"], cwd=folder, check=True)
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
