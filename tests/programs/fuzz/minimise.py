"""The smallest input that still fails: bytes of files and arguments taken away in ever smaller pieces."""

from collections.abc import Callable, Iterator, Mapping

from tests.programs.fuzz.inputs import FuzzInput

TRIES = 2000
"""How many smaller inputs are tried at most."""


def minimised(one: FuzzInput, fails: Callable[[FuzzInput], bool]) -> FuzzInput:
    """Return an input that ``fails`` of which no piece that was tried can go."""
    left = TRIES
    size = max(map(len, one.files.values()), default=0)
    pieces = max(size, *(len(word) for command in one.commands for word in command), 1)
    while pieces and left > 0:
        for smaller in _smaller(one, pieces):
            left -= 1
            if fails(smaller):
                one = smaller
                break
            if left <= 0:
                break
        else:
            pieces //= 2
    return one


def _smaller(one: FuzzInput, piece: int) -> Iterator[FuzzInput]:
    """Yield the input without each piece of that many bytes or characters."""
    for name, data in one.files.items():
        for at in range(0, len(data), piece):
            files: Mapping[str, bytes] = {**one.files, name: data[:at] + data[at + piece :]}
            yield one._replace(files=files)
    (command, *others) = one.commands
    for place, word in enumerate(command):
        if place and word not in one.files and not word.startswith("-"):
            for at in range(0, len(word), piece):
                shorter = (*command[:place], word[:at] + word[at + piece :], *command[place + 1 :])
                yield one._replace(commands=(shorter, *others))
