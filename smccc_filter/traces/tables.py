"""Calls out of tables: CSV with a head, or an object of JSON in each line.

A row is a call, with ``id`` and perhaps ``vm`` and ``time``, or with ``count`` as many as that. An ID is hexadecimal
with ``0x``; JSON may have it as a number, too. Digits alone could be either in CSV, so there they are no ID.
"""

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Mapping

from smccc_filter.traces.event_line import MASK
from smccc_filter.traces.opening import TraceError
from smccc_filter.traces.recorded import CallTally, RecordedCall
from smccc_filter.words import cut, visible

_NAME = rb'[ ]*"?[A-Za-z_][\w .-]*"?[ ]*'
HEAD = re.compile(rb"(?i:\s*\"?id\"?\s*)|" + _NAME + rb"(?:[,;\t]" + _NAME + rb")+\r?")
"""The first line of a table: names of columns, which no tracer writes."""
MOST = 1 << 62
"""A larger count is none of calls."""
_ID = re.compile("0[xX][0-9a-fA-F]{1,16}")
_COUNT = re.compile("[0-9]{1,19}")


def count_json(lines: Iterator[bytes], tally: CallTally) -> None:
    """Count what the objects say, one a line."""
    for line in lines:
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        _add(row if isinstance(row, dict) else {}, tally)


def count_csv(lines: Iterator[bytes], tally: CallTally) -> None:
    """Count what the rows say. Raises TraceError where the head has no column ``id``."""
    text = (line.decode(errors="replace").replace("\0", "\ufffd") for line in lines)
    head = next(text, "")
    delimiter = next((sign for sign in ",;\t" if sign in head), ",")
    names = [name.strip().casefold() for name in next(csv.reader(io.StringIO(head), delimiter=delimiter), [])]
    if "id" not in names:
        columns = visible(cut(", ".join(names)))
        raise TraceError(f"no column of its head ({columns}) is `id`: it takes `id,count` or `vm,time,id`")
    rows = csv.reader(text, delimiter=delimiter)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            tally.unread += 1
            continue
        if row:
            _add(dict(zip(names, row, strict=False)) if len(row) == len(names) else {}, tally)


def _add(row: Mapping[str, object], tally: CallTally) -> None:
    """Count one row, as unread where it is none of calls."""
    func_id = _func_id(row.get("id"))
    count = _number(row.get("count", 1))
    if func_id is None or count is None:
        tally.unread += 1
        return
    time = _time(row.get("time"))
    vm = row.get("vm")
    tally.add(RecordedCall(func_id, "" if vm is None else str(vm), count, time, time))


def _func_id(value: object) -> int | None:
    if isinstance(value, str) and _ID.fullmatch(value.strip()):
        return int(value, 16) & MASK
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64:
        return value & MASK
    return None


def _number(value: object) -> int | None:
    if isinstance(value, str) and _COUNT.fullmatch(value.strip()):
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < MOST else None


def _time(value: object) -> float | None:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            time = float(value)
        except (ValueError, OverflowError):
            return None
        return time if math.isfinite(time) else None
    return None
