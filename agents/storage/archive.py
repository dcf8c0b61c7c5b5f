"""Archives: arrays and a JSON description in one file that can be read without trusting it.

An archive is an ``.npz`` file: uncompressed arrays and ``description.json``, closed by a comment with the
format version and a SHA-256 of every byte before it. So a damaged file is known before it is parsed, equal
contents give equal bytes, and nothing in it is ever executed.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import re
import struct
import zipfile
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

__all__ = ["read_archive", "write_archive"]

FORMAT_VERSION = 1
MAX_FILE_BYTES = 2**31 - 1  # keeps clear of zip64
MAX_DIRECTORY_BYTES = 2**18
MAX_DESCRIPTION_BYTES = 2**21

_SEAL = re.compile(rb"gridq-checkpoint (\d{4}) sha256 ([0-9a-f]{64})")
_SEAL_BYTES = len(b"gridq-checkpoint 0001 sha256 ") + 64
_END_RECORD = struct.Struct("<4s4H2LH")  # zip's "end of central directory", which the comment follows
_ARRAY_NAME = re.compile(r"\w+([./-]\w+)*", re.ASCII)
_DESCRIPTION = "description.json"
_DTYPES = {"|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8"}


def write_archive(file: BinaryIO, description: Any, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Writes arrays and a JSON description as a sealed ``.npz`` into an empty file open for reading too.

    Raises:
        TypeError: for an array that is not made of plain numbers, or an odd name.
        ValueError: if it is more than `read_archive` would take back.
    """
    arrays = {name: np.asarray(array) for name, array in sorted(arrays.items())}
    listing = {name: [array.dtype.str, list(array.shape)] for name, array in arrays.items()}
    for name, (dtype, _) in listing.items():
        if dtype not in _DTYPES or not _ARRAY_NAME.fullmatch(name):
            raise TypeError(f"array {name!r} of dtype {dtype} cannot be kept in a checkpoint")
    text = json.dumps({**description, "arrays": listing}, sort_keys=True).encode()
    _check_limit("description", len(text), MAX_DESCRIPTION_BYTES)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_member(_DESCRIPTION), text)
        for name, array in arrays.items():
            with archive.open(_member(name + ".npy"), "w") as member:
                member.write(_npy_header(*listing[name]))
                member.write(array.tobytes())
        archive.comment = bytes(_SEAL_BYTES)
    n_bytes = file.tell()
    directory_bytes = n_bytes - _SEAL_BYTES - _END_RECORD.size - archive.start_dir
    _check_limit("directory", directory_bytes, MAX_DIRECTORY_BYTES)
    _check_limit("file", n_bytes, MAX_FILE_BYTES)
    file.flush()
    digest = _digest(file, n_bytes - _SEAL_BYTES)
    file.seek(-_SEAL_BYTES, os.SEEK_END)
    file.write(b"gridq-checkpoint %04d sha256 %s" % (FORMAT_VERSION, digest))


def _check_limit(what: str, size: int, most: int) -> None:
    """Refuses to write what `read_archive` would refuse to read."""
    if size > most:
        raise ValueError(f"the checkpoint's {what} has {size} bytes, but only {most} could be read again")


def read_archive(file: BinaryIO) -> tuple[Any, dict[str, npt.NDArray[Any]]]:
    """Description and arrays of a sealed file.

    Raises:
        ValueError: if it is anything else; the memory taken stays within a few times the file's size.
    """
    size = _check_seal(file)
    try:
        with zipfile.ZipFile(file) as archive:
            members = _checked_members(archive, size)
            description = json.loads(archive.read(members.pop(_DESCRIPTION)))
            if not isinstance(description, dict) or not isinstance(description.get("arrays"), dict):
                raise ValueError("its description is not a JSON object with a list of arrays")
            listing = description.pop("arrays")
            if {f"{name}.npy" for name in listing} != set(members):
                raise ValueError("its arrays are not those of its description")
            arrays = {
                name: _read_array(archive, members[f"{name}.npy"], name, entry)
                for name, entry in listing.items()
            }
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, struct.error) as error:
        raise ValueError(f"it is not a sound archive ({error})") from error
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise ValueError("it is not a sound archive (it points outside of itself)") from error
    return description, arrays


def _check_seal(file: BinaryIO) -> int:
    """Refuses what our writer did not end, and what has changed since; returns the size of the file."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = file.read(4)
    file.seek(max(0, size - _SEAL_BYTES))
    seal = _SEAL.fullmatch(file.read(_SEAL_BYTES))
    if seal is None:
        if start[:1] == b"\x80":
            raise ValueError("it is a pickle, which can run any code; checkpoints here never hold one")
        if start == b"PK\x03\x04":
            raise ValueError("it is an archive without the closing seal: truncated, or not one of ours")
        raise ValueError("it is not a checkpoint of this package")
    if int(seal[1]) != FORMAT_VERSION:
        raise ValueError(
            f"it has format version {int(seal[1])}, but this program reads version {FORMAT_VERSION}; "
            "use the release that wrote it"
        )
    if size > MAX_FILE_BYTES:
        raise ValueError(f"it has {size} bytes; checkpoints end at {MAX_FILE_BYTES}")
    if _digest(file, size - _SEAL_BYTES) != seal[2]:
        raise ValueError("its checksum does not match: it is damaged")
    # zipfile builds an object for every entry of the directory, so its size is bounded first.
    file.seek(max(0, size - _SEAL_BYTES - _END_RECORD.size - 20))
    tail = file.read(20 + _END_RECORD.size)
    record = _END_RECORD.unpack(tail[-_END_RECORD.size :])
    directory_bytes, comment_bytes = record[5], record[7]
    if record[0] != b"PK\x05\x06" or comment_bytes != _SEAL_BYTES or b"PK\x06\x07" in tail:
        raise ValueError("its directory is not where it belongs")
    if directory_bytes > MAX_DIRECTORY_BYTES:
        raise ValueError(f"its directory has {directory_bytes} bytes; {MAX_DIRECTORY_BYTES} are allowed")
    return size


def _checked_members(archive: zipfile.ZipFile, n_bytes: int) -> dict[str, zipfile.ZipInfo]:
    """The archive's members by name; stored plainly, so that together they cannot exceed the file."""
    members = {info.filename: info for info in archive.infolist()}
    if len(members) != len(archive.infolist()) or _DESCRIPTION not in members:
        raise ValueError("its members are not those of a checkpoint")
    if any(info.compress_type != zipfile.ZIP_STORED for info in members.values()):
        raise ValueError("it holds compressed data, which may grow without bound when read")
    if any(info.file_size != info.compress_size for info in members.values()):
        raise ValueError("its sizes contradict each other")
    if sum(info.file_size for info in members.values()) > n_bytes:
        raise ValueError("its members overlap")
    if members[_DESCRIPTION].file_size > MAX_DESCRIPTION_BYTES:
        raise ValueError(f"its description is longer than {MAX_DESCRIPTION_BYTES} bytes")
    return members


def _read_array(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, entry: Any) -> npt.NDArray[Any]:
    """One array, if its header and length are exactly what the description says."""
    if not (isinstance(entry, list) and len(entry) == 2 and entry[0] in _DTYPES and _is_shape(entry[1])):
        raise ValueError(f"array {name!r} is described as {str(entry)[:80]}; only plain numbers are allowed")
    dtype, shape = entry
    header = _npy_header(dtype, shape)
    if info.file_size != len(header) + math.prod(shape) * np.dtype(dtype).itemsize:
        raise ValueError(f"array {name!r} has not the size of {dtype} {shape}")
    with archive.open(info) as member:
        if member.read(len(header)) != header:
            raise ValueError(f"array {name!r} is not {dtype} {shape} as described")
        array: npt.NDArray[Any] = np.frombuffer(bytearray(member.read()), dtype).reshape(shape)
    return array


def _is_shape(shape: Any) -> bool:
    return (
        isinstance(shape, list)
        and len(shape) <= 8
        and all(type(length) is int and 0 <= length <= MAX_FILE_BYTES for length in shape)
    )


def _npy_header(dtype: str, shape: list[int]) -> bytes:
    """The header of a ``.npy`` file, version 1.0, in C order.

    Written here, because it must not change with NumPy's version, and so that reading is comparing.
    """
    lengths = "(" + "".join(f"{length}, " for length in shape).rstrip(" " if len(shape) == 1 else ", ") + ")"
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {lengths}, }}"
    padding = -(10 + len(text) + 1) % 64
    return (
        b"\x93NUMPY\x01\x00"
        + struct.pack("<H", len(text) + padding + 1)
        + f"{text}{' ' * padding}\n".encode()
    )


def _member(name: str) -> zipfile.ZipInfo:
    """A member with nothing in it that changes from day to day or place to place."""
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.create_system = 3
    info.external_attr = 0o644 << 16
    return info


def _digest(file: BinaryIO, n_bytes: int) -> bytes:
    """SHA-256 of the first ``n_bytes``, as hexadecimal digits."""
    digest = hashlib.sha256()
    file.seek(0)
    while n_bytes > 0:
        block = file.read(min(n_bytes, 2**20))
        if not block:
            break
        digest.update(block)
        n_bytes -= len(block)
    return digest.hexdigest().encode()
