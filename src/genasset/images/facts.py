"""What is known of a picture once it has been decoded."""

import msgspec

LABELS = {"png": "PNG", "jpeg": "JPEG", "webp": "WebP", "avif": "AVIF", "gif": "GIF"}


class ImageFacts(msgspec.Struct, frozen=True):
    """Size and format of a picture whose first frame decoded.

    `width` and `height` are in pixels as stored: no EXIF orientation is applied.
    `format` is "png", "jpeg", "webp", "avif" or "gif", from the content and never from a name.
    """

    width: int
    height: int
    format: str

    @property
    def media_type(self) -> str:
        """The IANA media type, such as image/png."""
        return f"image/{self.format}"
