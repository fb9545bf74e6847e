"""The one place where Pillow decodes bytes that strangers sent."""

from collections.abc import Iterator
from contextlib import contextmanager

from PIL import AvifImagePlugin, GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin, features

from genasset.errors import GenAssetError
from genasset.images.outline import Outline
from genasset.images.refusals import damaged, no_decoder, out_of_memory, undecodable

# Every picture's size is checked before Pillow sees it; its own limit would warn on stderr
# at 89 megapixels and fail at 179, whatever GENASSET_PICTURE_PIXELS says.
Image.MAX_IMAGE_PIXELS = None

# Imported now, so that no thread registers a format while another one decodes.
_DECODERS = (AvifImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
_OPTIONAL = {"webp", "avif"}


def require_decoder(kind: str) -> None:
    """Raise UnsupportedMedia when the installed Pillow was built without `kind`."""
    if kind in _OPTIONAL and not features.check(kind):
        raise no_decoder(kind)


def decode(outline: Outline, least: tuple[int, int], *, colour: bool = True) -> Image.Image:
    """The first frame, decoded, in Pillow's mode for it and with `transparency` in its info.

    It is 1/outline.scale(least) of the picture's size; `colour=False` lets the decoder leave out what
    only colours need. The caller holds outline.decode_bytes of memory.

    Raises UnsupportedMedia when the picture does not decode, TooLarge when memory runs out.
    """
    with decoder_boundary(outline.format):
        image = Image.open(outline.file, formats=[outline.format.upper()])
        if image.size != (outline.width, outline.height):
            raise damaged(outline.format, "its headers disagree about its size")
        image.draft(None if colour else "L", least)
        image.load()
    if outline.transparency is not None:
        image.info["transparency"] = outline.transparency
    return image


@contextmanager
def decoder_boundary(kind: str) -> Iterator[None]:
    """Turn whatever Pillow raises about a picture into a GenAssetError.

    An OSError of the operating system (it has an errno) is not about the picture and passes.
    """
    try:
        yield
    except GenAssetError:
        raise
    except MemoryError as error:
        raise out_of_memory(kind) from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise undecodable(kind) from error
