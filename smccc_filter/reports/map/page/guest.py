"""What the guest sees: what Linux takes for true, what it is told and does not get, and every discovery call."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from smccc_filter.analysis.discovery import GuestDiscovery, discover
from smccc_filter.guests.beliefs import ABSENT, Belief, BeliefTopic
from smccc_filter.guests.setup import VmSetup
from smccc_filter.kvm.machine import Conduit
from smccc_filter.reports.guest.tree import (
    MEANINGS,
    NOTHING_SURE,
    TOPICS,
    TreeMark,
    TreeRow,
    belief_text,
    discovered,
    mark_of,
    refused,
    tree,
)
from smccc_filter.reports.paper.html import Markup, folded, joined, table, tag
from smccc_filter.words import counted, enumerated

MITIGATIONS = (BeliefTopic.SPECTRE_V2, BeliefTopic.SPECTRE_V4, BeliefTopic.SPECTRE_BHB)


class AlikeGuests(NamedTuple):
    """Kernels on which a guest discovers the same, and what that is."""

    kernels: tuple[str, ...]
    found: GuestDiscovery
    rows: tuple[TreeRow, ...]
    absent: tuple[str, ...]


def section(setups: Sequence[VmSetup]) -> Markup:
    """Write what guests see, those of kernels that do the same as one."""
    guests = alike(setups)
    return tag(
        "section",
        tag("h2", "What the guest sees", id="guest-title"),
        *(_refusals(guest) for guest in guests),
        _lies(guests),
        _beliefs(guests),
        *(part for guest in guests for part in _more(guest, alone=len(guests) == 1)),
        id="guest",
        aria_labelledby="guest-title",
    )


def alike(setups: Sequence[VmSetup]) -> list[AlikeGuests]:
    """Gather the kernels on which a guest discovers the same."""
    found: dict[GuestDiscovery, list[str]] = {}
    for setup in setups:
        discovery = discover(setup)
        found.setdefault(discovery._replace(kernel=""), []).append(discovery.kernel)
    trees = ((kernels, discovery, tree(discovery.answers)) for discovery, kernels in found.items())
    return [AlikeGuests(tuple(kernels), each, tuple(rows), tuple(absent)) for kernels, each, (rows, absent) in trees]


def _beliefs(guests: Sequence[AlikeGuests]) -> Markup:
    """Write a column for each guest that differs; topics that are absent for all of them are named below."""
    topics = [belief.topic for belief in guests[0].found.beliefs]
    order = [*(topic for topic in topics if topic not in MITIGATIONS), *MITIGATIONS]
    said = {topic: [belief_text(_belief(guest, topic)) for guest in guests] for topic in order if topic in topics}
    shown = {topic: texts for topic, texts in said.items() if set(texts) != {ABSENT}}
    absent = [TOPICS[topic] for topic in said if topic not in shown]
    heads = ("a Linux guest finds", *(_names(guest) for guest in guests))
    rows: list[tuple[str | None, ...]] = [(TOPICS[topic], *texts) for topic, texts in shown.items()]
    return joined(
        table(heads, rows, "What a Linux guest finds", "list beliefs"),
        tag("p", f"Absent: {enumerated(absent)}.", class_="muted") if absent else None,
    )


def _names(guest: AlikeGuests) -> str:
    conduit = f", by {guest.found.conduit.upper()}" if guest.found.conduit is not Conduit.HVC else ""
    return f"on Linux {enumerated(guest.kernels)}{conduit}"


def _belief(guest: AlikeGuests, topic: BeliefTopic) -> Belief:
    return next(belief for belief in guest.found.beliefs if belief.topic is topic)


def _more(guest: AlikeGuests, *, alone: bool) -> tuple[Markup, Markup]:
    """Fold the boot log, and every discovery call."""
    counts = Counter(map(mark_of, guest.found.answers))
    marks = [f"{mark} {counts[mark]} {MEANINGS[mark]}" for mark in TreeMark if counts[mark]]
    gone = [f"not there, with all that they tell of: {', '.join(guest.absent)}"] if guest.absent else []
    where = "" if alone else f" {_names(guest)}"
    answers = counted(len(guest.found.answers), "answer")
    return (
        folded(f"Lines of its boot log{where}", _pre("\n".join(guest.found.log or (NOTHING_SURE,)), "boot log")),
        folded(
            f"Told and got{where}: {answers} to discovery",
            _pre(discovered(guest.rows), "discovery calls"),
            tag("ul", *(tag("li", line) for line in (*marks, *gone)), class_="plain"),
        ),
    )


def _refusals(guest: AlikeGuests) -> Markup | None:
    if not guest.found.refusals:
        return None
    names = f"Linux {enumerated(guest.kernels)}"
    rows = (tag("li", f"{names} refuses {refused(row)}, and keeps its default.") for row in guest.found.refusals)
    return tag("ul", *rows, class_="refusals")


def _lies(guests: Sequence[AlikeGuests]) -> Markup | None:
    """Name what guests are told that is not so."""
    lies: dict[tuple[str, str, str], list[str]] = {}
    for guest in guests:
        for row in guest.rows:
            if row.mark is TreeMark.FALSE:
                kernels = lies.setdefault((row.call, row.told, row.got), [])
                kernels.extend(name for name in guest.kernels if name not in kernels)
    if not lies:
        return None
    every = sum(len(guest.kernels) for guest in guests)
    lines = (
        tag(
            "li",
            tag("code", call),
            f" is told to be {told}, and comes to {got}",
            "" if len(kernels) == every else f" on {enumerated(kernels)}",
        )
        for (call, told, got), kernels in lies.items()
    )
    return tag("div", tag("p", "The guest is told what is not so:"), tag("ul", *lines), class_="card is-error")


def _pre(words: str, label: str) -> Markup:
    return tag("pre", words, tabindex="0", role="group", aria_label=label)
