"""Calls that belong together: the services that a policy may name, and families that are no service."""

from typing import NamedTuple

from smccc_filter.smccc import registry
from smccc_filter.smccc.intervals import Intervals, intersection
from smccc_filter.smccc.registry.rows import Function, Service


class Family(NamedTuple):
    """Calls that an implementation made up inside an owner's range; a policy names them one by one."""

    name: str


def service_ids(service: Service) -> Intervals:
    """Return the IDs of a service, half-open."""
    return tuple((first, last + 1) for first, last in service.ranges)


def families() -> tuple[Family, ...]:
    """Return every family that is no service, in the order of its lowest ID."""
    names = dict.fromkeys(function.service for function in registry.functions())
    return tuple(Family(name) for name in names if registry.service(name) is None)


def members(group: Service | Family) -> tuple[Function, ...]:
    """Return the calls of a group: those whose rows name it, and of a service all that have an ID in its ranges."""
    ids = service_ids(group) if isinstance(group, Service) else ()
    return tuple(
        function
        for function in registry.functions()
        if function.service == group.name or intersection(registry.function_ids(function), ids)
    )


def group(folded: str) -> Service | Family | None:
    """Return the service or the family of that name, which is in lower case."""
    groups: tuple[Service | Family, ...] = (*registry.services(), *families())
    return next((one for one in groups if one.name == folded), None)
