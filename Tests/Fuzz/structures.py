"""Finds the structures of an HDF5 file by which damage can be aimed: checksums, and the messages of
object headers. After the HDF5 File Format Specification, version 3."""

import struct

SIGNATURES = [b"TREE", b"HEAP", b"SNOD", b"OHDR", b"OCHK", b"FRHP", b"FHDB", b"FHIB", b"BTHD",
              b"BTLF", b"BTIN", b"GCOL", b"FAHD", b"FADB", b"EAHD", b"EAIB", b"EASB", b"EADB",
              b"SMTB", b"SMLI"]
CHECKED = [b"OHDR", b"OCHK", b"FRHP", b"FHDB", b"FHIB", b"BTHD", b"BTLF", b"BTIN", b"FAHD", b"FADB",
           b"EAHD", b"EAIB", b"EASB", b"EADB", b"SMTB", b"SMLI", b"\x89HDF"]
MASK = 0xffffffff


def lookup3(data):
    """Jenkins' hash "lookup3", the checksum of HDF5's metadata."""
    def rot(x, k):
        return ((x << k) | (x >> (32 - k))) & MASK

    length = len(data)
    a = b = c = (0xdeadbeef + length) & MASK
    at = 0
    while length - at > 12:
        x, y, z = struct.unpack_from("<III", data, at)
        a, b, c = (a + x) & MASK, (b + y) & MASK, (c + z) & MASK
        a = (a - c) & MASK ^ rot(c, 4); c = (c + b) & MASK
        b = (b - a) & MASK ^ rot(a, 6); a = (a + c) & MASK
        c = (c - b) & MASK ^ rot(b, 8); b = (b + a) & MASK
        a = (a - c) & MASK ^ rot(c, 16); c = (c + b) & MASK
        b = (b - a) & MASK ^ rot(a, 19); a = (a + c) & MASK
        c = (c - b) & MASK ^ rot(b, 4); b = (b + a) & MASK
        at += 12
    if length == at:
        return c
    x, y, z = struct.unpack("<III", bytes(data[at:]).ljust(12, b"\0"))
    a, b, c = (a + x) & MASK, (b + y) & MASK, (c + z) & MASK
    c = (c ^ b) - rot(b, 14) & MASK
    a = (a ^ c) - rot(c, 11) & MASK
    b = (b ^ a) - rot(a, 25) & MASK
    c = (c ^ b) - rot(b, 16) & MASK
    a = (a ^ c) - rot(c, 4) & MASK
    b = (b ^ a) - rot(a, 14) & MASK
    return (c ^ b) - rot(b, 24) & MASK


def places(data, signature):
    start = data.find(signature)
    while start >= 0:
        yield start
        start = data.find(signature, start + 1)


def checked_ranges(data, longest=4096):
    """What has a checksum after it: (first byte, place of the checksum)."""
    ranges = []
    for signature in CHECKED:
        for start in places(data, signature):
            for end in range(start + 6, min(len(data) - 4, start + longest) + 1):
                if struct.unpack_from("<I", data, end)[0] == lookup3(data[start:end]):
                    ranges.append((start, end))
                    break
    return ranges


def forge(data, ranges):
    """Writes the checksums anew, those of inner structures first."""
    for start, end in sorted(ranges, key=lambda r: r[1] - r[0]):
        if end + 4 <= len(data):
            struct.pack_into("<I", data, end, lookup3(bytes(data[start:end])))


def messages(data, address):
    """The messages of the object header at an address: (type, first byte, size)."""
    found = []
    if data[address:address + 4] == b"OHDR":
        flags = data[address + 5]
        at = address + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        size = int.from_bytes(data[at:at + width], "little")
        blocks = [(at + width, at + width + size)]
        header = 6 if flags & 4 else 4
    else:
        flags, header = None, 8
        size = struct.unpack_from("<I", data, address + 8)[0]
        blocks = [(address + 16, address + 16 + size)]
    while blocks and len(found) < 1000:
        at, end = blocks.pop(0)
        while at + header <= end:
            if flags is None:
                kind, size = struct.unpack_from("<HH", data, at)
            else:
                kind, size = data[at], struct.unpack_from("<H", data, at + 1)[0]
            body = at + header
            found.append((kind, body, size))
            if kind == 0x10 and size >= 16:
                where, length = struct.unpack_from("<QQ", data, body)
                inner = (where, where + length) if flags is None else (where + 4, where + length - 4)
                blocks.append(inner)
            at = body + size
    return found
