"""Write the goldens anew: ``python -m tests.reports.findings.regenerate``, from the root of the repository."""

from tests.reports.findings.cases import FORMATS, GOLDEN, REPORTS


def main() -> None:
    for name, reports in REPORTS.items():
        for suffix, render in FORMATS.items():
            (GOLDEN / f"{name}.{suffix}").write_bytes(render(reports).encode())


if __name__ == "__main__":
    main()
