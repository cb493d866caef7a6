"""What is shipped: the wheel, the source distribution, and the console script of a bare installation."""

import email
import os
import re
import sysconfig
import tarfile
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import smccc_filter
from smccc_filter.reports.map import page
from smccc_filter.version import HOME
from tests.house.distributions import Distributions
from tests.house.tree import IN_CI, environment, need, pip, run, venv
from tests.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

BROKEN = """\
version: 1
name: broken
rules:
  - {action: deny, calls: [PSCI_CPU_ON, PSCI_CPU_OF], except: {calls: [TRNG_RND]}}
  - {action: forward, ranges: ["0x84000000-0x8400001F", 0xC4000000+0]}
  - {action: deny, action: forward, services: &anchor [trng]}
default: handel
tests:
"""


def whole_links(text: str) -> str:
    """Return a text of markdown whose links to files beside it lead to the project's home."""
    links = [token for token in re.findall(r"\]\(([^)]*)\)", text) if not token.startswith(("https://", "#"))]
    assert all((ROOT / link.partition("#")[0]).exists() for link in links)
    for link in {*links}:
        text = text.replace(f"]({link})", f"]({HOME}/blob/main/{link})")
    return text


@pytest.mark.skipif(not IN_CI, reason="at a desk the package may be installed editable")
def test_what_is_tested_is_what_was_installed() -> None:
    assert Path(smccc_filter.__file__).is_relative_to(sysconfig.get_path("purelib"))


def test_the_version_is_said_once() -> None:
    assert metadata.version("smccc-filter") == smccc_filter.__version__


def test_the_wheel_holds_the_package_and_nothing_else(distributions: Distributions) -> None:
    dist_info = f"smccc_filter-{smccc_filter.__version__}.dist-info"
    source = {str(file.relative_to(ROOT)) for file in (ROOT / "smccc_filter").rglob("*.py")}
    with zipfile.ZipFile(distributions.wheel) as wheel:
        names = set(wheel.namelist())
    man = f"smccc_filter-{smccc_filter.__version__}.data/data/share/man/man1"
    assert names - source == {
        "smccc_filter/py.typed",
        *(f"smccc_filter/policies/{file.name}" for file in (ROOT / "policies").iterdir()),
        *(f"smccc_filter/reports/map/page/{name}" for name in page.SCRIPTS),
        *(f"smccc_filter/reports/paper/page/{name}" for name in ("page.css", "page.html")),
        *(f"{man}/{file.name}" for file in (ROOT / "smccc_filter" / "man" / "man1").iterdir()),
        *(f"{dist_info}/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")),
    }
    assert source <= names


def test_the_metadata_is_the_project_s(distributions: Distributions) -> None:
    dist_info = f"smccc_filter-{smccc_filter.__version__}.dist-info"
    with zipfile.ZipFile(distributions.wheel) as wheel:
        found = email.message_from_bytes(wheel.read(f"{dist_info}/METADATA"))
        scripts = wheel.read(f"{dist_info}/entry_points.txt").decode()
        licence = wheel.read(f"{dist_info}/licenses/LICENSE").decode()
        assert b"Root-Is-Purelib: true" in wheel.read(f"{dist_info}/WHEEL")
    assert found["Name"] == "smccc-filter"
    assert found["Version"] == smccc_filter.__version__
    assert found["Summary"] == PROJECT["description"]
    assert found["Requires-Python"] == ">=3.11"
    assert found["License-Expression"] == "MIT"
    assert found["Description-Content-Type"] == "text/markdown"
    assert found.get_payload() == whole_links((ROOT / "README.md").read_text())
    required = [line for line in found.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert sorted(line.partition(">=")[0] for line in required) == [
        "click",
        "pydantic",
        "rich",
        "ruamel-yaml",
        "ruamel-yaml-clib",
    ]
    assert "smccc-filter = smccc_filter.cli:main" in scripts.splitlines()
    assert licence == (ROOT / "LICENSE").read_text()
    assert licence.startswith("MIT License\n")


def test_the_source_distribution_is_the_tree(distributions: Distributions) -> None:
    with tarfile.open(distributions.sdist) as sdist:
        names = {member.name.partition("/")[2] for member in sdist.getmembers() if member.isfile()}
    for folder in (".ci", "docs", "policies", "schemas", "smccc_filter", "tests"):
        source = [file for file in (ROOT / folder).rglob("*") if file.is_file() and "__pycache__" not in file.parts]
        assert {str(file.relative_to(ROOT)) for file in source} <= names
    assert {"CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "pyproject.toml", "PKG-INFO"} <= names
    assert not [name for name in names if name.endswith((".pyc", ".so", ".o"))]


def test_the_script_works_with_the_wheel_alone_and_without_the_c_parser(
    distributions: Distributions, tmp_path: Path
) -> None:
    env = environment(tmp_path)
    scripts = venv(tmp_path / "venv", env, distributions.wheel)
    policies = tmp_path / "policies"
    policies.mkdir()
    (policies / "broken.smccc.yaml").write_text(BROKEN)
    for policy in (ROOT / "policies").glob("*.yaml"):
        (policies / policy.name).write_bytes(policy.read_bytes())
    commands = (("--version",), ("validate", "policies"), ("validate", "--format", "json", "--notes", "policies"))

    def outputs() -> list[str]:
        tool = scripts / "smccc-filter"
        return [run(tool, *command, cwd=tmp_path, env=env, status="validate" in command) for command in commands]

    probe = "import importlib.util as u; print(u.find_spec('_ruamel_yaml') is not None)"
    python = scripts / "python"
    assert run(python, "-c", probe, cwd=tmp_path, env=env) == "True\n"
    with_c_parser = outputs()
    pip(scripts, "uninstall", "--yes", "ruamel.yaml.clib", env=env)
    assert run(python, "-c", probe, cwd=tmp_path, env=env) == "False\n"
    assert outputs() == with_c_parser
    template = run(scripts / "smccc-filter", "init", "--template", "lockdown", "-", cwd=tmp_path, env=env)
    assert "\nname: lockdown\n" in template
    beside = env | {"PATH": f"{scripts}{os.pathsep}{env['PATH']}"}
    assert str(tmp_path / "venv") in run(need("man"), "-w", "smccc-filter", cwd=tmp_path, env=beside)
    assert with_c_parser[0] == f"smccc-filter {smccc_filter.__version__}\n"
    assert "Found " in with_c_parser[1]
