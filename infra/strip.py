"""Cut off what no loader reads of shared libraries: sections and symbols, which are for linkers and debuggers.

    python strip.py FOLDER

The loader reads the segments that an ELF file's program headers name, and nothing behind the last one: elf(5). It is
what sstrip of ELFkickers does; the image's base has no binutils, and its build installs nothing unpinned.
"""

import struct
import sys
from pathlib import Path

ELF_64_LITTLE = b"\x7fELF\x02\x01"
PROGRAM_HEADERS, SECTION_HEADERS, SIZES = 32, 40, 54  # offsets in the file's header
SEGMENT_OFFSET, SEGMENT_SIZE = 8, 32  # in a program header


def strip(library: Path) -> int:
    """Cut `library` in place, if it is a 64-bit ELF file; the bytes that this saved."""
    content = bytearray(library.read_bytes())
    if not content.startswith(ELF_64_LITTLE):
        return 0
    (start,) = struct.unpack_from("<Q", content, PROGRAM_HEADERS)
    size, count = struct.unpack_from("<HH", content, SIZES)
    headers = range(start, start + count * size, size)
    ends = [
        sum(struct.unpack_from("<Q", content, at + field)[0] for field in (SEGMENT_OFFSET, SEGMENT_SIZE))
        for at in headers
    ]
    end: int = max(headers.stop, *ends)
    struct.pack_into("<Q", content, SECTION_HEADERS, 0)
    struct.pack_into("<HHH", content, SIZES + 4, 0, 0, 0)  # sizes, number and names of sections
    library.write_bytes(content[:end])
    return len(content) - end


if __name__ == "__main__":
    for library in Path(sys.argv[1]).rglob("*.so*"):
        strip(library)
