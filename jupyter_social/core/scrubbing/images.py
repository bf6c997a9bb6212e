"""Pictures without anything but their pixels.

A picture file can say who made it, with which program, when and where: PNG text chunks, EXIF, XMP,
colour profiles, comments, a thumbnail, bytes after the end. The four raster formats of notebooks
are taken apart strictly and put together from the parts that draw, without loss and quickly; a file
that does not fit its format exactly, or is turned by EXIF, is decoded and encoded again by Pillow;
what cannot be decoded, or is larger than `MAX_PIXELS`, is not kept.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

MAX_PIXELS = 64_000_000
MAX_FRAMES = 500
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}


class UnusableImage(ValueError):
    """The bytes are no picture of a kind we keep."""


class _Odd(Exception):
    """The file does not fit its format exactly; only decoding it can tell."""


def clean_image(data: bytes) -> tuple[str, bytes]:
    """Return the media type and the bytes of a picture, of its pixels alone.

    The result of a clean picture is the same picture. Raises `UnusableImage`.
    """
    for magic, mimetype, strip in _STRIPPERS:
        if data.startswith(magic):
            try:
                return mimetype, strip(data)
            except (_Odd, struct.error, IndexError):
                pass
            try:
                return mimetype, strip(_encoded_again(data, _FORMATS[mimetype]))
            except (_Odd, struct.error, IndexError) as error:
                raise UnusableImage("cannot be brought to a plain form") from error
    raise UnusableImage("is not PNG, JPEG, GIF or WebP")


def _check_size(width: int, height: int) -> None:
    if not 0 < width * height <= MAX_PIXELS:
        raise UnusableImage(f"has {width} x {height} pixels")


# PNG (ISO/IEC 15948): a signature and chunks.

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset([b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS"])


def _png(data: bytes) -> bytes:
    kept = [_PNG]
    at, kinds = len(_PNG), []
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data) or not kind.isalpha():
            raise _Odd
        if kind in _PNG_KEPT:
            if zlib.crc32(data[at + 4 : end - 4]) != struct.unpack_from(">I", data, end - 4)[0]:
                raise _Odd
            kept.append(data[at:end])
            kinds.append(kind)
            if kind == b"IHDR":
                width, height = struct.unpack_from(">II", data, at + 8)
                _check_size(width, height)
        elif not kind[0] & 0x20:
            raise _Odd
        at = end
        if kind == b"IEND":
            break
    _check_png_order(kinds)
    return b"".join(kept)


def _check_png_order(kinds: list[bytes]) -> None:
    first = kinds.index(b"IDAT") if b"IDAT" in kinds else -1
    data_chunks = kinds.count(b"IDAT")
    if (
        kinds[:1] != [b"IHDR"]
        or kinds[-1] != b"IEND"
        or first < 0
        or kinds[first : first + data_chunks] != [b"IDAT"] * data_chunks
        or any(kinds.count(kind) > 1 for kind in (b"IHDR", b"PLTE", b"tRNS", b"IEND"))
        or kinds[first + data_chunks :] != [b"IEND"]
    ):
        raise _Odd


# JPEG (ITU T.81): markers with lengths, then entropy-coded data up to the next marker.

_JPEG_TABLES = frozenset([0xC4, 0xCC, 0xDB, 0xDD])
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _jpeg(data: bytes) -> bytes:
    kept = [b"\xff\xd8"]
    at, sized = 2, False
    while True:
        if data[at] != 0xFF:
            raise _Odd
        marker = data[at + 1]
        if marker == 0xD9:
            if not sized:
                raise _Odd
            return b"".join([*kept, b"\xff\xd9"])
        (length,) = struct.unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if end > len(data) or length < 2:
            raise _Odd
        segment = data[at:end]
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            _check_size(width, height)
            sized = True
        if marker == 0xDA:
            end = _end_of_scan(data, end)
            kept.append(data[at:end])
        elif marker in _JPEG_TABLES or marker in _JPEG_FRAMES:
            kept.append(segment)
        elif marker == 0xE0 and segment[4:9] == b"JFIF\x00" and len(segment) >= 18:
            # Version and density, without the thumbnail.
            kept.append(b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")
        elif marker == 0xEE and segment[4:9] == b"Adobe" and len(segment) == 16:
            kept.append(segment)  # says how colours are stored
        elif (marker == 0xE1 and b"Exif\x00\x00" in segment[:12] and _is_turned(data)) or not (
            0xE0 <= marker <= 0xEF or marker == 0xFE
        ):
            raise _Odd
        at = end


def _end_of_scan(data: bytes, at: int) -> int:
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise _Odd
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7 and data[at + 1] != 0xFF:
            return at
        at += 1 if data[at + 1] == 0xFF else 2


def _is_turned(data: bytes) -> bool:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            return bool(image.getexif().get(0x0112, 1) != 1)
    except Exception:
        return True


# GIF89a: a screen, then blocks.


def _gif(data: bytes) -> bytes:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    _check_size(width, height)
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    kept, frames = [data[:at]], 0
    while data[at] != 0x3B:
        start = at
        if data[at] == 0x2C:
            local = data[at + 9]
            at = _sub_blocks(data, at + 11 + (3 << (local & 7) + 1 if local & 0x80 else 0))
            kept.append(data[start:at])
            frames += 1
        elif data[at] == 0x21:
            label = data[at + 1]
            at = _sub_blocks(data, at + 2)
            looping = label == 0xFF and data[start + 3 : start + 14] == b"NETSCAPE2.0"
            if label == 0xF9 or (looping and at - start == 19):
                kept.append(data[start:at])
        else:
            raise _Odd
        if frames > MAX_FRAMES:
            raise UnusableImage(f"has more than {MAX_FRAMES} frames")
    if not frames:
        raise _Odd
    return b"".join([*kept, b";"])


def _sub_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += 1 + data[at]
    return at + 1


# WebP: RIFF chunks.

_WEBP_KEPT = frozenset([b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"])


def _webp(data: bytes) -> bytes:
    (size,) = struct.unpack_from("<I", data, 4)
    end, at = 8 + size, 12
    if data[8:12] != b"WEBP" or end > len(data):
        raise UnusableImage("is not WebP")
    kept, sized = [], False
    while at < end:
        kind, length = struct.unpack_from("<4sI", data, at)
        after = at + 8 + length + length % 2
        if after > end:
            raise _Odd
        chunk = data[at:after]
        if kind == b"VP8X":
            width, height = (int.from_bytes(chunk[i : i + 3], "little") + 1 for i in (12, 15))
            _check_size(width, height)
            # Only the flags for transparency and animation.
            chunk = chunk[:8] + bytes([chunk[8] & 0x12]) + chunk[9:]
        if kind in _WEBP_KEPT:
            kept.append(chunk)
            sized = sized or kind != b"VP8X"
        at = after
    if not sized:
        raise _Odd
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _encoded_again(data: bytes, kind: str) -> bytes:
    """Decode with Pillow and write pixels only; an animation becomes its first picture."""
    from PIL import Image, ImageOps

    out = io.BytesIO()
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as opened:
            _check_size(*opened.size)
            image = ImageOps.exif_transpose(opened)
            image.info = {k: v for k, v in image.info.items() if k == "transparency"}
            if kind == "JPEG":
                image.convert("RGB").save(out, kind, quality=92)
            elif kind == "PNG":
                image.save(out, kind, compress_level=3)
            else:
                image.save(out, kind)
    except UnusableImage:
        raise
    except Exception as error:  # Pillow raises whatever a broken file makes it raise.
        raise UnusableImage("cannot be decoded") from error
    return out.getvalue()


_STRIPPERS: tuple[tuple[bytes, str, Callable[[bytes], bytes]], ...] = (
    (_PNG, "image/png", _png),
    (b"\xff\xd8\xff", "image/jpeg", _jpeg),
    (b"GIF8", "image/gif", _gif),
    (b"RIFF", "image/webp", _webp),
)
