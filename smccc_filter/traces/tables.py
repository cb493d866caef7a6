"""Calls out of tables: CSV with a head, or an object of JSON in each line.

A row is a call, with ``id`` and perhaps ``vm`` and ``time``, or with ``count`` as many as that. An ID is hexadecimal
with ``0x``; JSON may have it as a number, too. Digits alone could be either in CSV, so there they are no ID.
"""

import csv
import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from smccc_filter.traces.opening import TraceError
from smccc_filter.traces.recorded import CallTally
from smccc_filter.traces.row_groups import RowCounter
from smccc_filter.words import cut, visible

_NAME = rb'[ ]*"?[A-Za-z_][\w .-]*"?[ ]*'
HEAD = re.compile(rb"(?i:\s*\"?id\"?\s*)|" + _NAME + rb"(?:[,;\t]" + _NAME + rb")+\r?")
"""The first line of a table: names of columns, which no tracer writes."""
COLUMNS = ("id", "vm", "count", "time")


class TableHead(NamedTuple):
    """What the head of a CSV says: the sign between cells, and the names of the columns in their order."""

    delimiter: str
    names: tuple[str, ...]

    def place(self, name: str) -> int | None:
        """Return where the column of a name stands, the last where several have it."""
        return max((place for place, each in enumerate(self.names) if each == name), default=None)


def head_of(line: str) -> TableHead:
    """Read the head of a CSV. Raises TraceError where it has no column ``id``."""
    delimiter = next((sign for sign in ",;\t" if sign in line), ",")
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error as error:
        raise TraceError(f"its head is no line of CSV: {error}") from None
    names = tuple(name.strip().casefold() for name in cells)
    if "id" not in names:
        columns = visible(cut(", ".join(names)))
        raise TraceError(f"no column of its head ({columns}) is `id`: it takes `id,count` or `vm,time,id`")
    return TableHead(delimiter, names)


def count_json(lines: Iterator[bytes], tally: CallTally) -> None:
    """Count what the objects say, one a line, and those that came also where reading ends in an error."""
    counter = RowCounter(tally)
    try:
        for line in lines:
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if isinstance(row, dict):
                counter.add(row.get("id"), row.get("vm"), row.get("count", 1), row.get("time"))
            else:
                tally.unread += 1
    finally:
        counter.finish()


def count_csv(lines: Iterator[bytes], tally: CallTally) -> None:
    """Count what the rows say, as ``count_json``. Raises TraceError where the head has no column ``id``."""
    text = (line.decode(errors="replace").replace("\0", "\ufffd") for line in lines)
    head = head_of(next((line for line in text if line.strip()), ""))
    rows = csv.reader(text, delimiter=head.delimiter)
    number = len(head.names)
    places = [head.place(name) for name in COLUMNS]
    defaults = (None, None, 1, None)
    counter = RowCounter(tally)
    try:
        while True:
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error:
                tally.unread += 1
                continue
            if len(row) == number:
                cells = zip(places, defaults, strict=True)
                counter.add(*(default if place is None else row[place] for place, default in cells))
            elif row:
                tally.unread += 1
    finally:
        counter.finish()
