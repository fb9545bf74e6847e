"""The light client: the HTTP API from Python, without any of the server's packages."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import httpx2

from genasset.errors import GenAssetError

Answer = dict[str, Any]
Image = str | os.PathLike[str] | bytes | BinaryIO
"""A path, the bytes of a picture file, or an open binary file."""


class ApiError(GenAssetError):
    """The server said no: `str(error)` is its sentence, `code` and `status` as it gave them."""

    def __init__(self, sentence: str, *, code: str, status: int, field: str | None = None) -> None:
        super().__init__(sentence, code=code, field=field)
        self.status = status


class Client:
    """A connection to one workspace of a GenAsset server.

    `url` and `token` default to the variables GENASSET_URL and GENASSET_TOKEN. Answers are the
    JSON objects of docs/http-api.md. Every call raises ApiError for what the server refuses and
    httpx2.TransportError when it can't be reached. Close it, or use it in a `with` block.
    """

    def __init__(self, url: str | None = None, token: str | None = None, *, timeout: float = 60) -> None:
        base = url or os.environ.get("GENASSET_URL") or "http://127.0.0.1:8000"
        text = token or os.environ.get("GENASSET_TOKEN") or ""
        self._http = httpx2.Client(
            base_url=base.rstrip("/") + "/api/v1/", headers={"Authorization": f"Bearer {text}"}, timeout=timeout
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def workspace(self) -> Answer:
        """The token's workspace and what it holds."""
        return self._call("GET", "workspace")

    def save(
        self,
        image: Image,
        *,
        asset: str | None = None,
        workflow: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        tags: Sequence[str] = (),
        inputs: Sequence[Image] = (),
        idempotency_key: str | None = None,
        **fields: str | int,
    ) -> Answer:
        """The picture is the next version of the asset of that name; `{"asset", "version", "warnings"}`.

        `fields` are the other form fields of the API: prompt, negative_prompt, model, seed, asset_id,
        intent, source, notes_md, version_label.
        """
        form = {name: str(value) for name, value in fields.items()}
        form |= {"asset_name": asset or "", "tags": ",".join(tags)}
        form |= {"workflow_json": json.dumps(workflow) if workflow else ""}
        form |= {"metadata": json.dumps(metadata) if metadata else ""}
        files = [("image", _part(image)), *(("input_images", _part(one)) for one in inputs)]
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return self._call("POST", "generations", data=form, files=files, headers=headers)

    def find(self, search: str = "", *, page_size: int = 100) -> Iterator[Answer]:
        """The assets that a search finds, or all of them, most recently updated first, page after page."""
        cursor = ""
        while True:
            page = self._call("GET", "assets", params={"search": search, "page_size": page_size, "cursor": cursor})
            yield from page["assets"]
            cursor = page["pagination"]["next_cursor"]
            if not cursor:
                return

    def asset(self, asset_id: str) -> Answer:
        """The asset with its versions; `{"asset", "versions", …}`."""
        return self._call("GET", f"assets/{asset_id}")

    def load(self, version_id: str) -> Answer:
        """All that is needed to run a version again; `{"asset", "version"}`."""
        return self._call("GET", f"versions/{version_id}/load")

    def download(self, version_id: str) -> bytes:
        """The very bytes that were saved."""
        answer = self._http.get(self.load(version_id)["version"]["signed_preview_url"], headers={"Authorization": ""})
        return _checked(answer).content

    def patch(self, version_id: str, metadata: Mapping[str, Any]) -> Answer:
        """The version with the patch merged into its metadata."""
        return self._call("PATCH", f"versions/{version_id}/metadata", json={"metadata": metadata})

    def _call(self, method: str, path: str, **arguments: Any) -> Answer:
        answer: Answer = _checked(self._http.request(method, path, **arguments)).json()
        return answer


def _part(image: Image) -> tuple[str, bytes | BinaryIO]:
    """A file name and the content of a multipart file."""
    if isinstance(image, bytes):
        return "picture", image
    if isinstance(image, str | os.PathLike):
        path = Path(image)
        return path.name, path.read_bytes()
    return Path(str(getattr(image, "name", "picture"))).name, image


def _checked(answer: httpx2.Response) -> httpx2.Response:
    if answer.is_success:
        return answer
    try:
        said = answer.json()
        error = ApiError(said["error"], code=said["code"], status=answer.status_code, field=said.get("field"))
    except (ValueError, KeyError, TypeError):
        sentence = f"The server answered {answer.status_code}, and not in the words of GenAsset; check GENASSET_URL."
        raise ApiError(sentence, code="unexpected_answer", status=answer.status_code) from None
    raise error
