#!/usr/bin/python3.13
"""The first program of the emulated machine: runs what /commands says and writes a line of JSON for each.

A command is a list of the tool's arguments. Runs under the machine's own Python, where nothing of the tests is.
"""

import ctypes
import json
import os
import subprocess
import sys
import termios
import time
import traceback
from pathlib import Path

ANSWERS = Path("/dev/vport0p1")
"""The port that tests/programs/live/machine.py reads."""
COMMANDS = Path("/commands")
CONSOLE = Path("/dev/console")
LINUX_REBOOT_CMD_POWER_OFF = 0x4321FEDC
ENVIRONMENT = {"PATH": "/usr/bin", "PYTHONPATH": "/packages", "LC_ALL": "C.UTF-8", "HOME": "/"}


def answer(arguments: list[str]) -> dict[str, object]:
    """Run the tool."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "smccc_filter", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    seconds = time.monotonic() - began
    return {"status": done.returncode, "out": done.stdout, "err": done.stderr, "seconds": seconds}


def main() -> None:
    """Run all commands, tell on the console what fails, and power off."""
    libc = ctypes.CDLL(None)
    libc.mount(b"devtmpfs", b"/dev", b"devtmpfs", 0, None)
    libc.mount(b"proc", b"/proc", b"proc", 0, None)
    with CONSOLE.open("w") as console:
        for stream in range(3):  # the first program starts without any
            os.dup2(console.fileno(), stream)
        try:
            with ANSWERS.open("w") as answers:
                for arguments in json.loads(COMMANDS.read_text()):
                    print(json.dumps(answer(arguments)), file=answers, flush=True)
        except Exception:  # noqa: BLE001 - whatever it is, it ends the machine
            traceback.print_exc(file=console)
            console.flush()
            termios.tcdrain(console)
        finally:
            libc.reboot(LINUX_REBOOT_CMD_POWER_OFF)


if __name__ == "__main__":
    main()
