"""The server's application: it mounts the faces and is the one place where errors become answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from litestar import Litestar, Router
from litestar.concurrency import set_asyncio_executor
from litestar.config.cors import CORSConfig
from litestar.exceptions import HTTPException

from genasset.api import assets, docs, files, generations, health, tokens, versions, workspace
from genasset.api.answers import ClientGone, client_gone, known_error, last_resort, never_empty, routing_error
from genasset.api.auth import TokenUses
from genasset.api.transport import Transport
from genasset.errors import GenAssetError
from genasset.library import Library
from genasset.settings import Settings

HANDLERS = [
    workspace.show_workspace,
    tokens.make_token,
    tokens.show_tokens,
    tokens.delete_token,
    assets.list_assets,
    assets.show_asset,
    assets.change_asset,
    assets.delete_asset,
    generations.save_generation,
    versions.load_version,
    versions.change_version,
    versions.change_metadata,
    versions.delete_version,
    files.original,
    files.artifact,
    files.thumbnail,
    health.alive,
    health.ready,
    docs.openapi_json,
    docs.docs_page,
    docs.docs_file,
]


def create_app(library: Library) -> Transport:
    """The ASGI application on an open library. It must be made outside a running event loop."""
    settings = library.settings
    set_asyncio_executor(ThreadPoolExecutor(settings.threads, thread_name_prefix="verb"))
    # All in one router, so that each is registered once: one that is registered again, as happens when its path
    # gets another method, is wrapped for its thread twice.
    app = Litestar(
        [Router("/", route_handlers=HANDLERS)],
        lifespan=[write_token_uses],
        after_request=never_empty,
        exception_handlers={
            GenAssetError: known_error,
            HTTPException: routing_error,
            ClientGone: client_gone,
            Exception: last_resort,
        },
        cors_config=_cors(settings),
        request_max_body_size=None,
        openapi_config=None,
        logging_config=None,
    )
    app.state.library = library
    app.state.token_uses = TokenUses(library)
    return Transport(app, settings)


@contextlib.asynccontextmanager
async def write_token_uses(app: Litestar) -> AsyncIterator[None]:
    """While the server runs, uses of tokens are written every few seconds, and once more at its end."""
    uses: TokenUses = app.state.token_uses
    task = asyncio.create_task(_write_now_and_then(uses, app.state.library.settings.last_used_seconds))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.to_thread(uses.flush)


async def _write_now_and_then(uses: TokenUses, seconds: int) -> None:
    while True:
        await asyncio.sleep(seconds)
        with contextlib.suppress(GenAssetError):
            await asyncio.to_thread(uses.flush)


def _cors(settings: Settings) -> CORSConfig | None:
    if not settings.cors_origins:
        return None
    return CORSConfig(
        allow_origins=list(settings.cors_origins),
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=[
            *("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "If-Range", "Range")
        ],
        expose_headers=["ETag", "X-Request-Id", "Retry-After", "Content-Range", "WWW-Authenticate"],
    )
