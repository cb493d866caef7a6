"""Generated traces as large as those of a host that traces for a day."""

from pathlib import Path
from random import Random

IDS = {
    0x8400_0000: 1, 0x8400_0006: 1, 0x8400_000A: 5, 0x8000_0000: 1, 0x8400_0050: 1, 0x8600_FF01: 2, 0x8600_0000: 1,
    0xC400_0053: 200, 0x8000_0001: 40, 0xC500_0020: 2, 0xC500_0021: 20, 0xC400_0003: 10, 0xC400_0004: 10,
    0x8400_0002: 10, 0x8400_0008: 1,
}  # fmt: skip
"""How often guests call what, as the recorded one does."""
SITE = 0xFFFF_AE6D_7B24_A580
"""Where a guest calls."""
VCPUS = 32
CPUS = 2
STEP = 37
"""Microseconds from line to line."""
AT_ONCE = 100_000


def ftrace(folder: Path, number: int) -> Path:
    """Write what ftrace shows of so many calls: 125 bytes a line."""
    random = Random(number)  # noqa: S311 -- the same each time
    path = folder / f"{number}.trace"
    heads = [
        f"{f'CPU {vcpu % 4}/KVM':>16}-{3000 + vcpu:<7} [{cpu:03}] ..... ".encode()
        for vcpu in range(VCPUS)
        for cpu in range(CPUS)
    ]
    tails = [
        b": kvm_hvc_arm64: HVC at 0x%016x (r0: 0x%016x, imm: 0x0)\n" % (SITE + at % 6 * 0x1234, func_id)
        for at, func_id in enumerate(IDS)
    ]
    at = 12_000_000
    with path.open("wb") as file:
        file.write(b"# tracer: nop\n#\n# entries-in-buffer/entries-written: %d/%d   #P:2\n#\n" % (number, number))
        for first in range(0, number, AT_ONCE):
            count = min(AT_ONCE, number - first)
            chosen = zip(
                random.choices(heads, k=count), random.choices(tails, list(IDS.values()), k=count), strict=True
            )
            lines = []
            for head, tail in chosen:
                at += STEP
                lines.append(b"%s%5d.%06d%s" % (head, at // 10**6, at % 10**6, tail))
            file.write(b"".join(lines))
    return path


def tables(folder: Path, number: int) -> dict[str, Path]:
    """Write so many rows of a VM, a time and a function ID as CSV and as lines of JSON; return them by those names."""
    random = Random(number)  # noqa: S311 -- the same each time
    paths = {"CSV": folder / f"{number}.csv", "JSON lines": folder / f"{number}.json"}
    with paths["CSV"].open("w") as csv, paths["JSON lines"].open("w") as json:
        csv.write("vm,time,id\n")
        for at, func_id in enumerate(random.choices(list(IDS), list(IDS.values()), k=number)):
            vm, time = random.randrange(1000), 12 + at * STEP / 10**6
            csv.write(f"vm-{vm},{time:.6f},0x{func_id:08X}\n")
            json.write(f'{{"vm": "vm-{vm}", "time": {time:.6f}, "id": "0x{func_id:08X}"}}\n')
    return paths


def parquet(folder: Path, number: int) -> Path | None:
    """Write so many rows of a VM and a function ID, ``None`` without DuckDB."""
    try:
        import duckdb
    except ImportError:
        return None
    path = folder / f"{number}.parquet"
    ids = ", ".join(str(func_id) for func_id, often in IDS.items() for _ in range(often))
    duckdb.execute(f"""
        COPY (SELECT 'vm-' || (hash(i) % 1000) AS vm,
                     [{ids}][CAST(1 + hash(i + 1) % {sum(IDS.values())} AS BIGINT)]::UINTEGER AS id
              FROM range({number}) AS rows(i)) TO '{path}' (FORMAT parquet)
    """)  # noqa: S608 -- numbers of our own
    return path
