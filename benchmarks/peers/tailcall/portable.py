"""Makes Tailcall's binary start on a glibc older than the one that it was linked with.

Its package asks for glibc 2.39. The two versions that this machine may lack are marked as weak needs, so that the
loader goes on without them; ``shim.c`` stands in for the only function of them that is not itself weak.
"""

from __future__ import annotations

import ctypes
import shutil
import struct
import subprocess
from pathlib import Path

_NEEDED = (b"GLIBC_2.38", b"GLIBC_2.39")
_WEAK = 2
_GNU_VERNEED = 0x6FFFFFFE


def glibc() -> tuple[int, ...]:
    """The version of this machine's C library; () where it is another."""
    try:
        version = ctypes.CDLL("libc.so.6").gnu_get_libc_version
    except (OSError, AttributeError):
        return ()
    version.restype = ctypes.c_char_p
    return tuple(map(int, version().decode().split(".")))


def weaken(binary: bytes) -> bytes:
    """The same 64-bit ELF file, which starts without the versions of glibc that it can do without.

    Raises:
        ValueError: the file is none, or needs no such version.
    """
    if binary[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a 64-bit little-endian ELF file")
    image = bytearray(binary)
    sections, size, count = (*struct.unpack_from("<Q", image, 40), *struct.unpack_from("<HH", image, 58))
    headers = [struct.unpack_from("<IIQQQQIIQQ", image, sections + size * number) for number in range(count)]
    changed = 0
    for _, kind, _, _, offset, _, link, needs, _, _ in headers:
        if kind != _GNU_VERNEED:
            continue
        names = headers[link][4]
        file = offset
        for _ in range(needs):
            _, versions, _, first, following = struct.unpack_from("<HHIII", image, file)
            at = file + first
            for _ in range(versions):
                _, flags, _, name, onward = struct.unpack_from("<IHHII", image, at)
                start = names + name
                if bytes(image[start : image.index(b"\0", start)]) in _NEEDED:
                    struct.pack_into("<H", image, at + 4, flags | _WEAK)
                    changed += 1
                at += onward
            file += following
    if not changed:
        raise ValueError("the file needs no such version")
    return bytes(image)


def prepare(binary: Path, folder: Path) -> tuple[Path, dict[str, str]]:
    """The binary to start, and what its environment must hold besides.

    Raises:
        FileNotFoundError: there is no C compiler to build the stand-in with.
        ValueError: the binary is of another make than this knows.
    """
    if not glibc() or glibc() >= (2, 39):
        return binary, {}
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise FileNotFoundError("no C compiler")
    changed, shim = folder / "tailcall", folder / "shim.so"
    changed.write_bytes(weaken(binary.read_bytes()))
    changed.chmod(0o700)
    source = Path(__file__).with_name("shim.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", shim, source], check=True)
    return changed, {"LD_PRELOAD": str(shim)}
