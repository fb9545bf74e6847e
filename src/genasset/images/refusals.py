"""The sentences with which a picture is turned down."""

from genasset.errors import Invalid, TooLarge, UnsupportedMedia
from genasset.images.facts import LABELS

MIB = 1024 * 1024
UNREADABLE = "unreadable_image"


def check_pixels(width: int, height: int, limit: int) -> None:
    """Raise TooLarge when width times height is over `limit` pixels."""
    if width * height > limit:
        raise TooLarge(
            f"The picture is {width} x {height} pixels, {width * height:,} in all; "
            f"the limit is {limit:,} pixels. Send a smaller one."
        )


def empty() -> Invalid:
    """The file has no bytes."""
    return Invalid("The picture is empty (0 bytes); send the file with its content.", code="empty_image")


def not_a_picture() -> UnsupportedMedia:
    """The content is of none of the five formats."""
    return UnsupportedMedia("The file is not a PNG, JPEG, WebP, AVIF or GIF picture.")


def no_decoder(kind: str) -> UnsupportedMedia:
    """The format is known, but the installed Pillow was built without it."""
    return UnsupportedMedia(f"This server cannot decode {LABELS[kind]} pictures; send a PNG instead.")


def cut_off(kind: str) -> UnsupportedMedia:
    """The file ends before the picture does."""
    return UnsupportedMedia(
        f"The {LABELS[kind]} picture is cut off: the file ends too early. Send the whole file.", code=UNREADABLE
    )


def damaged(kind: str, what: str) -> UnsupportedMedia:
    """The format's own rules are broken; `what` says how, without a full stop."""
    return UnsupportedMedia(f"The {LABELS[kind]} picture is damaged: {what}.", code=UNREADABLE)


def refused(kind: str, what: str) -> UnsupportedMedia:
    """The picture may be whole, but is made in a way that costs too much; `what` says how, without a full stop."""
    return UnsupportedMedia(
        f"The {LABELS[kind]} picture is not accepted: {what}. Save it again with an ordinary program.",
        code=UNREADABLE,
    )


def undecodable(kind: str) -> UnsupportedMedia:
    """The decoder gave up on the picture."""
    return UnsupportedMedia(
        f"The {LABELS[kind]} picture cannot be decoded: it is damaged, cut off or of a kind that is not supported.",
        code=UNREADABLE,
    )


def out_of_memory(kind: str) -> TooLarge:
    """The decoder asked for more memory than there is."""
    return TooLarge(f"The {LABELS[kind]} picture needs more memory to decode than there is. Send a smaller one.")


def too_costly(kind: str, width: int, height: int, needed: int, limit: int) -> TooLarge:
    """Decoding takes more memory than one picture may."""
    return TooLarge(
        f"A {LABELS[kind]} picture of {width} x {height} pixels takes {needed // MIB} MiB of memory to decode; "
        f"the limit is {limit // MIB} MiB. Send it as PNG, or a smaller one."
    )
