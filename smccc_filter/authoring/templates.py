"""The shipped policies as templates: what a new policy may begin as.

They are the files of the folder ``policies``: an installation has it inside the package, a source tree beside it, so
there is one copy and it is the one that the tests of policies examine.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from smccc_filter.authoring.starting.text import kernel_list, name_scalar
from smccc_filter.language.places import Path as PathInTree
from smccc_filter.language.policy.load import load
from smccc_filter.language.source import read

SUFFIX = ".smccc.yaml"
SCHEMA_BESIDE = "$schema=../schemas/policy.schema.json"
"""How a shipped policy names its schema, which is right in the source tree alone."""


class Template(NamedTuple):
    """A shipped policy: its name, what it decides in one sentence, and the kernels that it was checked on."""

    name: str
    description: str
    kernels: tuple[str, ...]


@cache
def names() -> tuple[str, ...]:
    """Return the names of all templates, sorted. Raises LookupError for an installation without them."""
    return tuple(sorted(file.name.removesuffix(SUFFIX) for file in _folder().iterdir() if file.name.endswith(SUFFIX)))


def templates() -> tuple[Template, ...]:
    """Return all templates by name, as they describe themselves. Raises LookupError as ``names`` does."""
    return tuple(map(_described, names()))


def text_of(name: str) -> str:
    """Return a template as a policy of its own, with the published schema in its first line.

    Raises KeyError for a name that is none of ``names``.
    """
    from smccc_filter.language.policy.json_schema import URL

    return _shipped(name).decode().replace(SCHEMA_BESIDE, f"$schema={URL}")


def adapted(text: str, name: str | None, kernels: tuple[str, ...]) -> str:
    """Return a template under another name, or for other kernels, and otherwise to the letter what it was.

    ``None`` and no kernels leave what the template says. What it says may not hold on other kernels, so check it.
    """
    document = read(text.encode())
    wanted: dict[PathInTree, str] = {("name",): name_scalar(name)} if name else {}
    if kernels:
        wanted["target", "kernels"] = kernel_list(kernels)
    for place, value in sorted(wanted.items(), key=lambda item: document.offsets(item[0]), reverse=True):
        start, end = document.offsets(place)
        text = text[:start] + value + text[end:]
    return text


def _described(name: str) -> Template:
    policy, _, _ = load(read(_shipped(name)))
    if policy is None or policy.description is None:
        raise ValueError(f"the shipped policy {name} has no description")
    return Template(name, policy.description, policy.target.kernels)


def _shipped(name: str) -> bytes:
    if name not in names():
        raise KeyError(name)
    return (_folder() / f"{name}{SUFFIX}").read_bytes()


def _folder() -> Path:
    package = Path(__file__).parents[1]
    for folder in (package / "policies", package.parent / "policies"):
        if folder.is_dir():
            return folder
    raise LookupError("this installation lacks the shipped policies")
