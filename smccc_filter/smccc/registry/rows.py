"""The shape of the registry's tables: one row a function, a service or an allocated range."""

from typing import NamedTuple


class Function(NamedTuple):
    """One call as its specification defines it.

    ``name`` is the specification's with the service's prefix, as a policy writes it. ``service`` is the policy's name
    of the specification, or the family of calls that an implementation made up (``kvm-android``, ``optee``).
    ``required`` says whether whoever offers the service must offer the call, as far as known: ``impl`` leaves it to the
    implementation. ``source`` cites with the abbreviations of ``registry.sources``; ``confidence`` is ``high`` or
    ``medium``. ``last`` is set where one name stands for a block of function numbers: the number that ends it,
    inclusive. ``note`` and ``status`` may be empty.
    """

    name: str
    smc32: int | None
    smc64: int | None
    service: str
    spec: str
    since: str
    required: str
    meaning: str
    source: str
    confidence: str
    yielding: int | None = None
    last: int | None = None
    status: str = ""
    note: str = ""


class Service(NamedTuple):
    """What the ``services`` key of a policy names: the ranges (inclusive) of a specification or of an owner."""

    name: str
    title: str
    spec: str
    ranges: tuple[tuple[int, int], ...]


class Allocation(NamedTuple):
    """One range (inclusive) of the partition of the whole ID space, Arm DEN0028 tables 6-1 and 6-2.

    ``kind`` is ``fast`` or ``yielding``; ``since`` is the SMCCC version that allocated the range, where known.
    """

    first: int
    last: int
    kind: str
    service: str
    status: str
    source: str
    confidence: str
    note: str = ""
    since: str = ""
