"""The API's description, and a studio in which real requests are made from it and real answers held against it."""

import copy
import io
import json
import os
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from jsonschema import Draft202012Validator
from PIL import Image

from genasset.api.openapi import document
from genasset.api.openapi.examples import ASSET_ID, EARLIER_ID, VERSION_ID
from genasset.settings import Settings
from server import Server

Json = dict[str, Any]

DOCUMENT: Json = json.loads(json.dumps(document(Settings())))
SCHEMAS: Json = DOCUMENT["components"]["schemas"]


@dataclass(frozen=True)
class Operation:
    """One described call."""

    method: str
    path: str
    described: Json

    @property
    def success(self) -> int:
        """The status of its full success."""
        return min(int(status) for status in self.described["responses"])

    def parameters(self) -> list[Json]:
        """Its parameters, references followed."""
        return [resolved(one) for one in self.described["parameters"]]

    def has(self, name: str) -> bool:
        """Whether it takes a parameter of this name."""
        return any(one["name"] == name for one in self.parameters())

    def body(self, media_type: str = "application/json") -> Json | None:
        """What it says of a body of this type."""
        content: Json = self.described.get("requestBody", {}).get("content", {})
        return content.get(media_type)


OPERATIONS = {
    described["operationId"]: Operation(method.upper(), path, described)
    for path, methods in DOCUMENT["paths"].items()
    for method, described in methods.items()
}


def resolved(value: Json) -> Json:
    """What a reference names, or the value itself."""
    if "$ref" not in value:
        return value
    found: Any = DOCUMENT
    for step in value["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    named: Json = found
    return named


def check_schema(value: Any, schema: Json) -> None:
    """The value fits the schema (JSON Schema 2020-12), and holds no field that is not described."""
    components = copy.deepcopy(DOCUMENT["components"])
    for shape in components["schemas"].values():
        if "properties" in shape:
            shape["additionalProperties"] = False
    Draft202012Validator({"components": components, "allOf": [schema]}).validate(value)


def check_answer(answer: httpx2.Response, operation: Operation) -> None:
    """The answer is one that the call's description foresees: status, headers, type and content."""
    responses = operation.described["responses"]
    assert str(answer.status_code) in responses, answer.text[:500]
    response = responses[str(answer.status_code)]
    for name in response.get("headers", {}):
        assert name in answer.headers, f"{name} is described, but was not sent"
    if "content" in response:
        media_type = answer.headers["Content-Type"].partition(";")[0]
        assert media_type in response["content"]
        if media_type == "application/json":
            check_schema(answer.json(), response["content"][media_type]["schema"])


def noise(side: int = 64) -> bytes:
    """A picture of some KB unlike any other."""
    file = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(3 * side * side)).save(file, "PNG")
    return file.getvalue()


@dataclass
class Subject:
    """An asset with two versions and an input picture, and a token: what an example talks about."""

    ids: dict[str, str]
    version: Json
    etags: dict[str, str]

    def fill(self, value: Any) -> Any:
        """The value with the ids of this subject in place of the example's."""
        text = json.dumps(value)
        for example, name in ((ASSET_ID, "asset_id"), (VERSION_ID, "version_id"), (EARLIER_ID, "earlier_id")):
            text = text.replace(example, self.ids[name])
        return json.loads(text)

    def link(self, operation_id: str) -> str:
        """The signed URL that a call on files is for."""
        links = {
            "original": self.version["signed_preview_url"],
            "thumbnail": self.version["thumbnail_url"],
            "artifact": self.version["input_artifacts"][0]["signed_url"],
        }
        return str(links.get(operation_id, ""))


class Studio:
    """A workspace on a server where described requests are sent."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.anybody = server.stranger()

    def subject(self) -> Subject:
        """A fresh one."""
        name = f"Lighthouse {uuid.uuid4().hex}"
        texts = {"asset_name": name, "prompt": "a lighthouse at dawn"}
        earlier = self.server.saved(noise(), "first.png", **texts)
        files = [("image", ("second.png", noise())), ("input_images", ("sketch.png", noise()))]
        answer = self.server.http.post("/api/v1/generations", files=files, data=texts)
        later = answer.json()
        token = self.server.http.post("/api/v1/tokens", json={"name": "example"}).json()
        ids = {
            "asset_id": later["asset"]["id"],
            "version_id": later["version"]["id"],
            "earlier_id": earlier["version"]["id"],
            "artifact_id": later["version"]["input_artifacts"][0]["id"],
            "token_id": token["id"],
            "filename": "picture.png",
        }
        asset = self.server.http.get(f"/api/v1/assets/{ids['asset_id']}")
        etags = {"asset": asset.headers["ETag"], "version": answer.headers["ETag"]}
        return Subject(ids, later["version"], etags)

    def send(
        self,
        operation: Operation,
        subject: Subject,
        *,
        optional: bool = True,
        client: httpx2.Client | None = None,
        query: Json | None = None,
        headers: Json | None = None,
        **body: Any,
    ) -> httpx2.Response:
        """The described request about the subject, with all its parameters as in their examples, or only the needed."""
        sent: dict[str, Json] = {"path": {}, "query": {}, "header": {}}
        for parameter in operation.parameters():
            name = parameter["name"]
            if (optional or parameter["required"]) and name != "If-None-Match":
                sent[parameter["in"]][name] = self._value(operation, parameter, subject)
        url = operation.path.format(**sent["path"])
        return (client or self.server.http).request(
            operation.method,
            url,
            params={**sent["query"], **(query or {})},
            headers={**sent["header"], **(headers or {})},
            **body,
        )

    def _value(self, operation: Operation, parameter: Json, subject: Subject) -> str:
        name, schema = parameter["name"], parameter["schema"]
        link = subject.link(operation.described["operationId"])
        if link and name in ("expires", "signature"):
            return parse_qs(urlsplit(link).query)[name][0]
        if name == "If-Match":
            return subject.etags["version" if "version_id" in operation.path else "asset"]
        if name == "If-Range":
            return self.anybody.get(link).headers["ETag"]
        if name == "Idempotency-Key":
            return uuid.uuid4().hex
        if name.endswith("cursor"):
            return self._cursor(operation, subject)
        return subject.ids.get(name) or str(schema["examples"][0])

    def _cursor(self, operation: Operation, subject: Subject) -> str:
        if operation.has("versions_cursor"):
            return str(self.server.get(f"/api/v1/assets/{subject.ids['asset_id']}", versions_limit=1)["next_cursor"])
        self.subject()
        (words,) = (one["schema"]["examples"][0] for one in operation.parameters() if one["name"] == "search")
        page = self.server.get("/api/v1/assets", search=words, page_size=1)
        return str(page["pagination"]["next_cursor"])
