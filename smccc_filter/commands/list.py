"""``list``: the tables behind the tool, for eyes, grep, awk and jq."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from smccc_filter.commands import output

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from smccc_filter.analysis.reference.groups import Family
    from smccc_filter.kvm.profiles import Profile
    from smccc_filter.reports.explain.json import Json
    from smccc_filter.smccc.registry.rows import Function, Service

TABLES = ("calls", "services", "checks", "kernels", "templates", "about", "schema")


def complete_group(ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":  # noqa: ARG001
    """Complete what ``--service`` takes."""
    from click.shell_completion import CompletionItem

    from smccc_filter.smccc.registry.rows import Service

    start = incomplete.casefold()
    return [
        CompletionItem(group.name, help=group.title if isinstance(group, Service) else "calls that are no standard")
        for group in _groups()
        if group.name.startswith(start)
    ]


@click.command(
    epilog="""\b
Examples:
  smccc-filter list calls --service trng
  smccc-filter list calls | grep 0xC4000003
  smccc-filter list services
  smccc-filter list checks | awk '$3 == "error" {print $1, $2}'
  smccc-filter list kernels --format json | jq '.kernels[-1].facts'
  smccc-filter list templates
  smccc-filter list about
  smccc-filter list schema > policy.schema.json"""
)
@click.argument("table", type=click.Choice(TABLES))
@click.option(
    "--service",
    "name",
    metavar="NAME",
    shell_complete=complete_group,
    help="Only the calls of a service, or of a family such as optee.",
)
@click.option("--format", "report_format", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(table: str, name: str | None, report_format: str) -> None:
    """List calls, services, checks, kernels, templates or versions, or print the schema of policies.

    A row is a line and columns are two blanks or more apart; only on a terminal that is too narrow, columns are
    wrapped. `-` stands for nothing. Kernels are the releases as first published, and the stable releases that were run
    or that a fix makes different; those that have a fact alike share a row, which says on which of them it was asked,
    and in the source of which it was read: of the others it is inferred. Templates are the shipped policies, from which
    `init` begins a new one. `about` has what a report of a bug should say: the versions of the tool, of Python and of
    what both are built on, the platform, the newest kernel known and the parser of YAML. The schema is the JSON Schema
    by which editors check policies, JSON in either format. `explain` says more of calls, services and checks.
    """
    if name is not None and table != "calls":
        raise click.UsageError(f"--service narrows `list calls`, not `list {table}`")
    if table == "schema":
        from smccc_filter.language.policy.json_schema import render

        output.write(render())
        return
    if report_format == "json":
        from smccc_filter.reports.paper.json import VERSION, dumps

        output.write(dumps({"version": VERSION, table: _objects(table, name)}))
        return
    from smccc_filter.reports.paper import columns

    output.write(columns.table(_rows(table, name), columns.width_of(sys.stdout)))


def _objects(table: str, name: str | None) -> "list[Json]":
    from smccc_filter.reports.explain import json
    from smccc_filter.smccc import registry

    if table == "calls":
        return [json.call(function) for function in _functions(name)]
    if table == "services":
        return [json.service(service) for service in registry.services()]
    if table == "checks":
        from smccc_filter.analysis import checks

        return [json.check(check) for check in checks.ALL]
    if table == "templates":
        from smccc_filter.authoring.templates import templates

        return [
            {"kind": "template", "name": one.name, "description": one.description, "kernels": list(one.kernels)}
            for one in templates()
        ]
    if table == "about":
        from smccc_filter.commands.about import about

        return [{"kind": "about", "name": name, "value": value} for name, value in about()]
    return [json.kernel(profile) for profile in _profiles()]


def _rows(table: str, name: str | None) -> list[tuple[str, ...]]:
    """Return the header and one row for each object; of kernels, one for each fact and those that have it alike."""
    if table == "calls":
        from smccc_filter.reports.explain.text import ids_of, meaning_of

        calls = ((row.name, ids_of(row), row.service, meaning_of(row)) for row in _functions(name))
        return [("NAME", "IDS", "SERVICE", "MEANING"), *calls]
    if table == "services":
        return [("NAME", "TITLE", "RANGES"), *_service_rows()]
    if table == "checks":
        from smccc_filter.analysis import checks
        from smccc_filter.analysis.reference.manuals import manual

        rows = (
            (check.CODE, check.NAME, check.SEVERITY, "yes" if check.ALLOWABLE else "no", manual(check)[0])
            for check in checks.ALL
        )
        return [("CODE", "NAME", "SEVERITY", "ALLOWABLE", "SUMMARY"), *rows]
    if table == "templates":
        from smccc_filter.authoring.templates import templates

        return [("NAME", "DESCRIPTION"), *((template.name, template.description) for template in templates())]
    if table == "about":
        from smccc_filter.commands.about import about

        return [("NAME", "VALUE"), *about()]
    return [("FACT", "VALUE", "KERNELS", "RAN", "READ", "SOURCE"), *_kernel_rows()]


def _service_rows() -> Iterator[tuple[str, ...]]:
    from smccc_filter.smccc import registry
    from smccc_filter.smccc.function_id import show_range

    for service in registry.services():
        ranges = ", ".join(show_range(first, last + 1) for first, last in service.ranges)
        yield service.name, service.title, ranges


def _kernel_rows() -> Iterator[tuple[str, ...]]:
    """Yield each value of a fact, the kernels one after the other that have it, and which of them ran or were read."""
    from itertools import groupby

    from smccc_filter.kvm.profiles import Evidence, Fact

    facts: dict[str, list[tuple[str, Fact[object]]]] = {}
    for profile in _profiles():
        for key, fact in profile._asdict().items():
            if isinstance(fact, Fact):
                facts.setdefault(key, []).append((profile.name, fact))
    for key, named in facts.items():
        for (value, source), group in groupby(named, lambda row: (str(row[1].value), row[1].source)):
            alike = list(group)
            seen = [
                ", ".join(name for name, fact in alike if fact.evidence is evidence) or "-"
                for evidence in (Evidence.RAN, Evidence.READ)
            ]
            first, last = alike[0][0], alike[-1][0]
            yield key, value, first if first == last else f"{first} to {last}", *seen, source


def _functions(name: str | None) -> "tuple[Function, ...]":
    """Return the calls of a service or a family, or all. Raises click.UsageError for a name that is neither."""
    from smccc_filter.analysis.reference.groups import members
    from smccc_filter.smccc import registry

    if name is None:
        return registry.functions()
    groups = {group.name: group for group in _groups()}
    if group := groups.get(name.casefold()):
        return members(group)
    from smccc_filter.words import did_you_mean, visible

    hint = did_you_mean(name, groups, "see `smccc-filter list services`")
    raise click.UsageError(f"no service is called `{visible(name)}`; {hint}")


def _groups() -> "tuple[Service | Family, ...]":
    from smccc_filter.analysis.reference.groups import families
    from smccc_filter.smccc import registry

    return (*registry.services(), *families())


def _profiles() -> "Iterator[Profile]":
    """Return every release as first published, and the stable ones that somebody ran or that a fix makes different."""
    from smccc_filter.kvm.profiles import FIX_OF_EMPTY_RANGE, RAN, RELEASES, parse, profile

    fixed = (f"{release}.{stable}" for release, (stable, _) in FIX_OF_EMPTY_RANGE.items() if stable)
    versions = sorted({version for name in (*RELEASES, *RAN, *fixed) if (version := parse(name))})
    names = (version.release + (f".{version.stable}" if version.stable else "") for version in versions)
    return filter(None, map(profile, names))
