"""Opens what a trace comes in: plain, gzip, xz or zstd, or the binary file of trace-cmd through its own ``report``.

What a file is, its first bytes say, not its name.
"""

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, NamedTuple, Protocol

from smccc_filter.words import visible

if TYPE_CHECKING:
    import subprocess

AT_ONCE = 1 << 20
"""Bytes that are unpacked together."""
FIRST = 16
"""Bytes that tell what a file is."""
GZIP, XZ, ZSTD = b"\x1f\x8b", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"
TRACE_DAT = b"\x17\x08\x44tracing"
PERF_DATA = b"PERFILE2"
PARQUET = b"PAR1"


Fed = Callable[[int], None]
"""Is told of bytes that are read; less than none where they are read again."""


class TraceError(Exception):
    """Why a trace can't be read, or no further; the message is a sentence without its end."""


class OpenedTrace(NamedTuple):
    """The bytes of a trace, and what they came in; ``file`` of a plain file on disk is that itself.

    ``fault`` says why there is no more to read of what is packed, empty where that was all.
    """

    file: io.BufferedReader
    kind: str
    is_plain_file: bool = False
    fault: Callable[[], str] = str


@contextmanager
def opened(path: str, stream: io.BufferedReader) -> Iterator[OpenedTrace]:
    """Open the trace that begins where ``stream`` stands. Raises TraceError for what no trace begins with."""
    first = stream.peek(FIRST)[:FIRST]
    if first.startswith(GZIP):
        import gzip
        import zlib

        yield _guarded(gzip.GzipFile(fileobj=stream), "gzip", zlib.error)
    elif first.startswith(XZ):
        yield _xz(stream)
    elif first.startswith(ZSTD):
        yield _zstd(stream)
    elif first.startswith(TRACE_DAT):
        with _reported(path, stream) as report:
            yield report
    elif first.startswith(PERF_DATA):
        raise TraceError("this is a perf.data: give what `perf script` writes of it")
    elif first.startswith(PARQUET):
        raise TraceError("this is Parquet, which can be read from a file alone: name the file")
    else:
        yield OpenedTrace(stream, "text", is_plain_file=_is_regular(stream))


def _is_regular(file: IO[bytes]) -> bool:
    import stat

    try:
        return stat.S_ISREG(os.fstat(file.fileno()).st_mode)
    except OSError:
        return False


class _Unpacking(Protocol):
    def read1(self, size: int, /) -> bytes: ...


class _FaultyStream(io.RawIOBase):
    """A stream that ends where reading on fails, and can say why; what came before is not lost."""

    def __init__(self, file: _Unpacking, errors: tuple[type[Exception], ...]) -> None:
        self._file, self._errors = file, errors
        self.fault = ""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        try:
            data = b"" if self.fault else self._file.read1(len(buffer))
        except self._errors as error:
            self.fault = visible(str(error)) or type(error).__name__
            return 0
        buffer[: len(data)] = data
        return len(data)


def _guarded(file: _Unpacking, kind: str, *errors: type[Exception]) -> OpenedTrace:
    stream = _FaultyStream(file, (OSError, EOFError, *errors))
    return OpenedTrace(io.BufferedReader(stream, AT_ONCE), kind, fault=lambda: stream.fault)


def _xz(file: io.BufferedReader) -> OpenedTrace:
    import lzma

    return _guarded(lzma.LZMAFile(file), "xz", lzma.LZMAError)


def _zstd(file: io.BufferedReader) -> OpenedTrace:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ImportError:
        raise TraceError("zstd needs a package: pip install 'smccc-filter[zstd]', or unpack the file first") from None
    return _guarded(zstd.ZstdFile(file), "zstd", zstd.ZstdError)


class _Report:
    """What a program writes; its end is an error where the program says that it failed."""

    def __init__(self, process: "subprocess.Popen[bytes]", said: IO[bytes]) -> None:
        self._process, self._said = process, said

    def read1(self, size: int, /) -> bytes:
        output = self._process.stdout
        data = output.read(size) if output else b""
        if not data and self._process.wait():
            self._said.seek(0)
            raise OSError(f"trace-cmd: {self._said.read(200).decode(errors='replace').strip() or 'it failed'}")
        return data


@contextmanager
def _reported(path: str, file: io.BufferedReader) -> Iterator[OpenedTrace]:
    """Run ``trace-cmd report``, which alone knows how its files are to be read; it takes no pipe."""
    import shutil
    import subprocess
    import tempfile

    tool = shutil.which("trace-cmd")
    if tool is None:
        raise TraceError("this is a binary trace.dat: install trace-cmd, or give what `trace-cmd report` writes of it")
    with tempfile.NamedTemporaryFile() as copy, tempfile.TemporaryFile() as said:
        name = path
        if not _is_regular(file):
            shutil.copyfileobj(file, copy)
            copy.flush()
            name = copy.name
        command = [tool, "report", "-i", os.path.abspath(name)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, stdin=subprocess.DEVNULL) as process:  # noqa: S603 -- found on PATH
            try:
                yield _guarded(_Report(process, said), "trace.dat")
            finally:
                process.kill()
