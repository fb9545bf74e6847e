"""How a picture is to be turned before it is shown: tag 274 of EXIF."""

import struct

from PIL import Image

EXIF_LIMIT = 64 * 1024
"""Bytes of EXIF that are looked at; a JPEG segment holds no more."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What to do with a stored picture of each orientation; 1 needs nothing."""

_ORIENTATION = 274
_SHORT = 3


def orientation(exif: bytes) -> int:
    """The orientation, 1 to 8, of EXIF data with or without the leading `Exif\\0\\0`.

    Source: CIPA DC-008 (Exif 3.0) and TIFF 6.0. Absent, unreadable and unknown values count as 1.
    Only entries of the first directory are looked at, each once: Pillow's reader loads all values,
    and warns on stderr about those of hostile files.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        value = _find(tiff, order)
    except struct.error:
        return 1
    return value if 1 <= value <= 8 else 1


def _find(tiff: bytes, order: str) -> int:
    (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
    (entries,) = struct.unpack_from(f"{order}H", tiff, directory)
    for index in range(entries):
        tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, directory + 2 + 12 * index)
        if tag == _ORIENTATION:
            return int(value) if kind == _SHORT else 1
    return 1
