"""What a file of settings says, and what is wrong with it: each fault with its place, in the codes of policies."""

import re
import tomllib
from collections.abc import Iterator, Mapping

from smccc_filter.analysis import checks
from smccc_filter.analysis.diagnostics import Severity
from smccc_filter.analysis.project import ProjectChoices
from smccc_filter.analysis.targets import profile_named
from smccc_filter.commands.settings import NO_SETTINGS, OWN_FILE, TABLE, ProjectSettings
from smccc_filter.commands.settings.faults import CHECKS, SettingsFault, report
from smccc_filter.language.places import KeyOf, Offsets, Path
from smccc_filter.words import Suggester, cut, did_you_mean, listed

KEYS = ("kernels", "include", "exclude", "fail-on", "ignore")
MAX_ITEMS = 100
"""Kernels, patterns or codes of one key, or unknown keys: each is compared with many names or paths."""
MAX_PARTS = 16
"""Parts of a dotted key: ``tomllib`` takes time that grows with their square."""
_PART = r"(?:[\w-]++|\"(?:[^\"\\\n]|\\.)*+\"|'[^'\n]*+')[ \t]*+"
_LONG_KEY = re.compile(rf"(?:^[ \t]*+\[{{0,2}}+|[{{,])[ \t]*+(?:{_PART}\.[ \t]*+){{{MAX_PARTS},}}", re.MULTILINE)
_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_NAMES = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "a table"}


def read(path: str, folder: str, data: bytes) -> ProjectSettings | None:
    """Return the settings that are in ``data``, the contents of a file in ``folder`` that findings call ``path``.

    ``None`` says that it has none, as only a file for several tools may. Never raises for what a file may hold.
    """
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        at = len(data[: error.start].decode().removeprefix("\ufeff"))
        message = f"byte 0x{data[error.start]:02X} at offset {error.start} is not UTF-8"
        fault = SettingsFault("P101", Offsets(at, at + 1), message, "save the file as UTF-8")
        return _faulty(path, folder, data.decode(errors="replace").removeprefix("\ufeff"), [fault])
    document = _document(text)
    if isinstance(document, SettingsFault):
        return _faulty(path, folder, text, [document])
    table: Path = () if path.endswith(OWN_FILE) else TABLE
    found: object = document
    for key in table:
        found = found.get(key) if isinstance(found, dict) else None
    if found is None:
        return None
    faults: list[SettingsFault] = []
    settings = _Reader(table, faults).settings(found)
    choices = settings.choices._replace(path=path)
    return settings._replace(folder=folder, choices=choices, faults=report(path, text, faults) if faults else None)


def refused(path: str, folder: str, why: tuple[str, str, str]) -> ProjectSettings:
    """Return the settings of a file that was not read: none, and ``why`` as a code, a message and a hint."""
    code, message, hint = why
    return _faulty(path, folder, "", [SettingsFault(code, Offsets(0, 0), message, hint)])


def _faulty(path: str, folder: str, text: str, faults: list[SettingsFault]) -> ProjectSettings:
    return NO_SETTINGS._replace(folder=folder, faults=report(path, text, faults))


def _document(text: str) -> dict[str, object] | SettingsFault:
    """Return what a TOML text says, or why it is none."""
    if found := _LONG_KEY.search(text):
        message = f"a key of more than {MAX_PARTS} parts"
        return SettingsFault("P105", Offsets(*found.span()), message, "settings need three parts at most")
    try:
        return tomllib.loads(text)
    except RecursionError:
        return SettingsFault("P105", Offsets(0, 0), "lists or tables nested too deep", "settings need two levels")
    except ValueError as error:  # tomllib's own, and that of int() for thousands of digits
        said = str(error)
        where = _WHERE.search(said)
        at = _offset(text, int(where[1]), int(where[2])) if where and where[1] else len(text.rstrip())
        reason = said[: where.start()] if where else said
        hint = 'write it as TOML 1.0 has it, such as `kernels = ["6.12"]`; until then the defaults hold'
        return SettingsFault("P101", Offsets(at, min(at + 1, len(text))), f"not TOML: {cut(reason)}", hint)


def _offset(text: str, line: int, column: int) -> int:
    """Return the offset of a position whose lines end in line feeds."""
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return min(start + column - 1, len(text))


class _Reader:
    """Reads one table of settings, and adds what is wrong to ``faults``."""

    def __init__(self, table: Path, faults: list[SettingsFault]) -> None:
        self._table = table
        self._faults = faults
        self._suggester = Suggester()

    def settings(self, found: object) -> ProjectSettings:
        if not isinstance(found, dict):
            name = ".".join(map(str, self._table))
            self._fault("P103", (), f"`{name}` is {_said(found)}", f"write a table: `[{name}]`")
            return NO_SETTINGS
        unknown = [key for key in found if key not in KEYS]
        if len(unknown) > MAX_ITEMS:
            message = f"{len(unknown):,} keys that are no settings"
            self._fault("P105", (), message, f"there are {listed(KEYS, 'and')}", at_key=True)
        else:
            for key in unknown:
                self._unknown(key)
        kernels, ignored = self._kernels(found.get("kernels")), self._ignored(found.get("ignore"))
        return ProjectSettings(
            choices=ProjectChoices("", kernels, ignored),
            include=self._patterns("include", found.get("include")),
            exclude=self._patterns("exclude", found.get("exclude")),
            fail_on=self._fail_on(found.get("fail-on")),
        )

    def _fault(self, code: str, path: Path, message: str, hint: str, *, at_key: bool = False) -> None:
        place = (*self._table, *path)
        self._faults.append(SettingsFault(code, KeyOf(place) if at_key else place, message, hint))

    def _unknown(self, key: str) -> None:
        if key == TABLE[0] and not self._table:
            hint = f"all of `{OWN_FILE}` is settings: write the keys without the table `[{'.'.join(TABLE)}]`"
        else:
            hint, _ = self._suggester.suggest(key, "key", KEYS, f"there are {listed(KEYS, 'and')}")
        self._fault("P102", (key,), f"no setting is called `{cut(key)}`", hint, at_key=True)

    def _texts(self, key: str, found: object, example: str) -> Iterator[tuple[int, str]]:
        """Yield the texts of a list, each with its number in it; what is none is a fault."""
        if found is None:
            return
        if not isinstance(found, list) or not found:
            said = "empty" if found == [] else _said(found)
            self._fault("P103", (key,), f"`{key}` is {said}", f"write a list of strings: `{key} = [{example}]`")
            return
        if len(found) > MAX_ITEMS:
            message = f"`{key}` has {len(found):,} items, more than {MAX_ITEMS}"
            self._fault("P105", (key,), message, "leave the key out, or write fewer", at_key=True)
            return
        for number, item in enumerate(found):
            if isinstance(item, str) and item.strip():
                yield number, item
            else:
                said = "empty" if isinstance(item, str) else _said(item)
                self._fault(
                    "P103",
                    (key, number),
                    f"an item of `{key}` is {said}",
                    f"write a string in quotes, as in `{key} = [{example}]`",
                )

    def _kernels(self, found: object) -> tuple[str, ...]:
        names = []
        for number, name in self._texts("kernels", found, '"6.12", "7.3"'):
            try:
                names.append(profile_named(name).name)
            except ValueError as error:
                message, _, hint = str(error).partition("; ")
                self._fault("P104", ("kernels", number), message, hint)
        return tuple(dict.fromkeys(names))

    def _patterns(self, key: str, found: object) -> tuple[str, ...]:
        patterns = []
        for number, pattern in self._texts(key, found, '"firmware/*.yaml"'):
            if pattern.startswith("/") or ".." in pattern.split("/"):
                message = f"`{cut(pattern)}` leads out of the folder of this file"
                self._fault("P103", (key, number), message, "write a name, or a path below this folder")
            else:
                patterns.append(pattern.removeprefix("./"))
        return tuple(patterns)

    def _fail_on(self, found: object) -> Severity:
        severities = [str(severity) for severity in Severity]
        if found is None:
            return Severity.ERROR
        if found in severities:
            return Severity(found)
        known = f"write one of {listed(severities, 'and')}, in quotes"
        if isinstance(found, str):
            hint = did_you_mean(found, severities, known)
            self._fault("P103", ("fail-on",), f"no severity is called `{cut(found)}`", hint)
        else:
            self._fault("P103", ("fail-on",), f"`fail-on` is {_said(found)}", known)
        return Severity.ERROR

    def _ignored(self, found: object) -> Mapping[str, str]:
        if found is None:
            return {}
        if not isinstance(found, dict):
            hint = 'write a code and a reason for each: `ignore = { F503 = "why it is right here" }`'
            self._fault("P103", ("ignore",), f"`ignore` is {_said(found)}", hint)
            return {}
        if len(found) > MAX_ITEMS:
            message = f"`ignore` has {len(found):,} codes, more than {MAX_ITEMS}"
            self._fault("P105", ("ignore",), message, "leave out what is no code of a check", at_key=True)
            return {}
        return {code: reason for code, reason in found.items() if self._may_ignore(code, reason)}

    def _may_ignore(self, code: str, reason: object) -> bool:
        """Tell whether a code is that of notes or warnings, and has a reason; if not, say why."""
        path = ("ignore", code)
        check = CHECKS.get(code)
        if check is None:
            by_name = {each.NAME: each.CODE for each in checks.ALL}
            known = "`smccc-filter list checks` lists them"
            meant = by_name.get(code.lower())
            hint = f"did you mean `{meant}`?" if meant else self._suggester.suggest(code, "code", CHECKS, known)[0]
            self._fault("P104", path, f"no check has the code `{cut(code)}`", hint, at_key=True)
            return False
        if check.SEVERITY is Severity.ERROR:
            hint = "allow it in the policy where it is right" if check.ALLOWABLE else "leave it out, and fix the policy"
            message = f"{code} is about errors, and settings can't ignore an error"
            self._fault("P103", path, message, hint, at_key=True)
            return False
        if not isinstance(reason, str) or not reason.strip():
            said = "empty" if isinstance(reason, str) else _said(reason)
            hint = f'say why it is right in this project: `{code} = "..."`'
            self._fault("P103", path, f"the reason to ignore {code} is {said}", hint)
            return False
        return True


def _said(value: object) -> str:
    return _NAMES.get(type(value), "a date or a time")
