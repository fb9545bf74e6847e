"""Many connections, stalled uploads and a stop in the middle of them: the server goes on answering, and it ends."""

import signal
import socket
import time
from pathlib import Path

from server import Server


def connect(server: Server, text: str) -> socket.socket:
    """A connection that sends some text and then nothing."""
    host, port = server.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=30)
    connection.sendall(text.encode())
    return connection


def upload_head(server: Server, length: int) -> str:
    return (
        f"POST /api/v1/generations HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {server.token}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n--b\r\n"
    )


def test_hundreds_of_silent_connections_do_not_keep_others_out(own_server: Server) -> None:
    silent = [connect(own_server, "") for _ in range(300)]
    head = "POST /api/v1/generations HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n"
    silent += [connect(own_server, head) for _ in range(300)]
    assert own_server.http.get("/healthz").json() == {"status": "ok"}
    assert own_server.http.get("/api/v1/assets").status_code == 200
    for connection in silent:
        connection.close()


def test_an_upload_that_stalls_is_given_up_with_a_sentence(tmp_path: Path) -> None:
    with Server(tmp_path / "library", GENASSET_IDLE_SECONDS="1") as server:
        stalled = connect(server, upload_head(server, 1000))
        answer = stalled.recv(4096).decode()
        assert answer.startswith("HTTP/1.1 408")
        assert '"code":"upload_stalled"' in answer
        assert not list((server.data_dir / "incoming").iterdir())


def test_a_stop_does_not_wait_for_ever_for_an_upload_that_stalls(tmp_path: Path) -> None:
    with Server(tmp_path / "library", GENASSET_GRACE_SECONDS="1") as server:
        stalled = connect(server, upload_head(server, 1000))
        time.sleep(0.5)
        assert server.process is not None
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
        stalled.close()
