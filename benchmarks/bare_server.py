"""The floor of a read: a sync Litestar handler on the same server, which gives bytes that lie ready."""

import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import uvloop
from litestar import Litestar, Response, get
from litestar.concurrency import set_asyncio_executor

from genasset.serve import answer_requests, free_port
from genasset.settings import Settings


def main(file: str) -> None:
    """Serve the file's bytes at /answer until told to stop."""
    data = Path(file).read_bytes()

    @get("/answer", sync_to_thread=True)
    def answer() -> Response[bytes]:
        return Response(data, media_type="application/json")

    set_asyncio_executor(ThreadPoolExecutor(Settings.threads))
    app = Litestar([answer], openapi_config=None, logging_config=None)
    port = free_port("127.0.0.1", 0)
    uvloop.run(answer_requests(app, "127.0.0.1", port, partial(print, f"http://127.0.0.1:{port}", flush=True)))


if __name__ == "__main__":
    main(sys.argv[1])
