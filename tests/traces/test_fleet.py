"""What the SQL artefact says of recorded calls is what the policy decides, in each engine that there is."""

from collections import Counter
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from random import Random

import duckdb
import pytest

from smccc_filter.analysis.pipeline import Examination, build, examine
from tests.house.tree import IN_CI, need
from tests.paths import POLICIES, SUFFIX

Answer = tuple[str, int, str, int]
"""A VM, a function ID, the action, and how many calls."""
SHIPPED = ("lockdown", "kvmtool-psci", "vcpu-hotplug")


def calls(examination: Examination) -> list[tuple[str, int]]:
    """Draw calls at the bounds of the policy's ranges, and anywhere."""
    random = Random(1)  # noqa: S311 -- the same each time
    bounds = [start + step for start in examination.resolution.actions.starts for step in (-1, 0, 1)]
    ids = [func_id % 2**32 for func_id in bounds] + [random.getrandbits(32) for _ in range(100)]
    return [(f"vm-{random.randrange(5)}", random.choice(ids)) for _ in range(2000)]


def decided(examination: Examination, made: list[tuple[str, int]]) -> list[Answer]:
    actions = examination.resolution.actions
    return sorted((vm, func_id, str(actions[func_id]), number) for (vm, func_id), number in Counter(made).items())


def parquet(folder: Path, made: list[tuple[str, int]]) -> Path:
    path = folder / "calls.parquet"
    with duckdb.connect() as database:
        database.execute("CREATE TABLE calls (vm VARCHAR, id BIGINT)")
        database.executemany("INSERT INTO calls VALUES (?, ?)", made)
        database.execute(f"COPY calls TO '{path}' (FORMAT parquet)")
    return path


def statements(examination: Examination) -> list[str]:
    text = build(examination, "sql").data.decode()
    return [each for each in text.split(";\n") if each.strip()]


def by_duckdb(examination: Examination, path: Path) -> list[Answer]:
    table, join = statements(examination)
    with duckdb.connect() as database:
        database.read_parquet(str(path)).create_view("calls")
        database.execute(table)
        return sorted(database.execute(join).fetchall())


def by_spark(examination: Examination, path: Path) -> list[Answer]:
    spark = import_module("pyspark.sql")
    options = {
        "spark.sql.warehouse.dir": str(path.parent / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.driver.memory": "512m",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
    }
    session = spark.SparkSession.builder.master("local[1]").config(map=options).getOrCreate()
    try:
        session.read.parquet(str(path)).createOrReplaceTempView("calls")
        table, join = statements(examination)
        session.sql(table)
        return sorted(tuple(row) for row in session.sql(join).collect())
    finally:
        session.stop()


@pytest.mark.parametrize("name", SHIPPED)
def test_duckdb_decides_as_the_policy_does(tmp_path: Path, name: str) -> None:
    examination = examine(name, (POLICIES / f"{name}{SUFFIX}").read_bytes())
    made = calls(examination)
    assert by_duckdb(examination, parquet(tmp_path, made)) == decided(examination, made)


def test_spark_decides_as_the_policy_does(tmp_path: Path) -> None:
    if find_spec("pyspark") is None:
        (pytest.fail if IN_CI else pytest.skip)("pyspark is not installed: it is the extra `spark`")
    need("java")
    examination = examine("lockdown", (POLICIES / f"lockdown{SUFFIX}").read_bytes())
    made = calls(examination)
    path = parquet(tmp_path, made)
    assert by_spark(examination, path) == decided(examination, made) == by_duckdb(examination, path)
