"""A multipart save (RFC 7578), read in one pass: parsed, hashed and written to files as its bytes come."""

from collections.abc import Iterator
from contextlib import contextmanager

from litestar.concurrency import sync_to_thread
from msgspec import Struct
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser, parse_options_header

from genasset.api.answers import AnyRequest
from genasset.api.bodies import as_text, body_pieces
from genasset.assets.draft import TEXT_FIELDS, check_input_count, part_limit
from genasset.blobs.incoming import Incoming, IncomingFile
from genasset.errors import Invalid, TooLarge
from genasset.model import Upload
from genasset.settings import KIB, Settings

FEED = 256 * KIB
"""Bytes gathered before a thread parses them."""

MOST_PARTS = 1000
FILE_FIELDS = ("image", "input_images")


class Form(Struct):
    """What a multipart body held."""

    fields: dict[str, str]
    images: list[Upload]
    inputs: list[Upload]


async def receive_form(request: AnyRequest, settings: Settings, incoming: Incoming) -> Form:
    """The form in the request's body, its files in `incoming`. Raises Invalid or TooLarge as soon as it is known."""
    reader = FormReader(boundary_of(request.headers.get("content-type", "")), settings, incoming)
    gathered: list[bytes] = []
    size = 0
    async for piece in body_pieces(request, settings.upload_limit, settings.idle_seconds):
        gathered.append(piece)
        size += len(piece)
        if size >= FEED:
            await sync_to_thread(reader.feed, b"".join(gathered))
            gathered, size = [], 0
    return await sync_to_thread(reader.finish, b"".join(gathered))


def boundary_of(content_type: str) -> str:
    """The boundary in a multipart Content-Type. Raises Invalid when there is none."""
    _kind, options = parse_options_header(content_type)
    boundary: str = options.get("boundary", "")
    if not boundary:
        raise Invalid("The Content-Type has no boundary; let your HTTP client write it.", code="broken_multipart")
    return boundary


class FormReader:
    """Takes a body piece by piece; what it does not know is thrown away."""

    def __init__(self, boundary: str, settings: Settings, incoming: Incoming) -> None:
        with _sentences():
            self._parser = PushMultipartParser(boundary, max_segment_count=MOST_PARTS)
        self._settings = settings
        self._incoming = incoming
        self._form = Form({}, [], [])
        self._part: MultipartSegment | None = None
        self._file: IncomingFile | None = None
        self._text = bytearray()

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the body."""
        with _sentences():
            for event in self._parser.parse(data) if data else ():
                if isinstance(event, MultipartSegment):
                    self._begin(event)
                elif event:
                    self._take(bytes(event))
                else:
                    self._end()

    def finish(self, data: bytes) -> Form:
        """Take the last bytes and give what the body held."""
        self.feed(data)
        with _sentences():
            self._parser.close()
        return self._form

    def _begin(self, part: MultipartSegment) -> None:
        self._part = part
        self._text = bytearray()
        self._file = None
        if part.name == "image" and self._form.images:
            raise Invalid("There are two pictures in 'image'; send one a save.", field="image")
        check_input_count(len(self._form.inputs), self._settings)
        if part.name in FILE_FIELDS:
            self._file = self._incoming.open()

    def _take(self, data: bytes) -> None:
        if self._file:
            self._file.write(data)
        elif self._part and self._part.name in TEXT_FIELDS:
            self._text += data
            limit = part_limit(self._part.name, self._settings)
            if len(self._text) > limit:
                field = self._part.name
                raise TooLarge(f"{field} is longer than the limit of {limit} bytes.", field=field)

    def _end(self) -> None:
        part, file = self._part, self._file
        if part is None:
            return
        if file:
            upload = file.finish(part.filename or "")
            if part.name == "image":
                self._form.images.append(upload)
            elif upload.bytes or upload.filename:
                self._form.inputs.append(upload)
            else:
                file.discard()  # what browsers send for a file field that was left empty
        elif part.name in TEXT_FIELDS:
            self._keep_text(part.name, as_text(bytes(self._text), part.name))
        self._part = self._file = None

    def _keep_text(self, field: str, text: str) -> None:
        before = self._form.fields.get(field)
        self._form.fields[field] = f"{before},{text}" if before and field == "tags" else text


@contextmanager
def _sentences() -> Iterator[None]:
    """The parser's errors as sentences."""
    try:
        yield
    except ParserLimitReached:
        raise TooLarge(f"The form has more than {MOST_PARTS} parts or an over-long header.") from None
    except MultipartError as error:
        reason = error.args[0] if error.args else "it can't be read"
        raise Invalid(f"The multipart body is broken or cut off ({reason}).", code="broken_multipart") from None
