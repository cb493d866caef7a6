"""What is said once for all policies of a project."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class ProjectChoices(NamedTuple):
    """What a project's settings, the file ``path``, say of each of its policies.

    ``kernels`` are those of a policy that names none. ``ignored`` has the codes of notes and warnings that are left
    out, each with the reason.
    """

    path: str = ""
    kernels: tuple[str, ...] = ()
    ignored: Mapping[str, str] = MappingProxyType({})


NO_PROJECT = ProjectChoices()
