"""A server that is killed at any moment keeps all that it has acknowledged, and gc takes away what was half done.

`GENASSET_TEST_KILLS` is the number of kills (3), `GENASSET_TEST_SEED` repeats the moments of another run.
"""

import hashlib
import json
import os
import random
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from saving_crowd import NAMES, Acknowledged, Crowd
from whole_library import assert_whole

from genasset.collect import collect
from server import Server, wait_until

KILLS = int(os.environ.get("GENASSET_TEST_KILLS", "3"))
SEED = int(os.environ.get("GENASSET_TEST_SEED") or random.randrange(10**6))
CLIENTS = 4
SAVES = 200


def kill_at_a_random_moment(server: Server, crowd: Crowd, chooser: random.Random) -> None:
    """The clients save until the server is dead, somewhere between the first save and the last."""
    target = len(crowd.acknowledged) + chooser.randrange(SAVES - 20)
    with crowd.saving(server, clients=CLIENTS, saves=SAVES):
        wait_until(lambda: len(crowd.acknowledged) >= target, 60)
        time.sleep(chooser.random() * 0.02)
        server.kill()


def assert_kept(server: Server, acknowledged: list[Acknowledged]) -> None:
    """Every acknowledged version loads, with its number, its bytes and its inputs; no number was given twice."""
    for one in acknowledged:
        version = server.get(f"/api/v1/versions/{one.version_id}/load")["version"]
        assert (version["asset_id"], version["version_number"]) == (one.asset_id, one.number)
        assert [source["sha256"] for source in version["input_artifacts"]] == list(one.inputs)
        urls = [version["signed_preview_url"], *(source["signed_url"] for source in version["input_artifacts"])]
        for url, sha256 in zip(urls, (one.sha256, *one.inputs), strict=True):
            assert hashlib.sha256(server.http.get(url).content).hexdigest() == sha256
    given = Counter((one.asset_id, one.number) for one in acknowledged)
    assert max(given.values()) == 1


def assert_listed(server: Server, acknowledged: list[Acknowledged]) -> None:
    """Each name is one asset that lists all its acknowledged numbers, without doubles, and search finds it."""
    for name in NAMES:
        (asset,) = server.get("/api/v1/assets", search=name)["assets"]
        numbers: list[int] = []
        cursor = ""
        while cursor is not None:
            page = server.get(f"/api/v1/assets/{asset['id']}", versions_cursor=cursor, lite=1)
            numbers += [version["version_number"] for version in page["versions"]]
            cursor = page["next_cursor"]
        assert numbers == sorted(set(numbers), reverse=True)
        assert page["versions_total"] == len(numbers)
        assert {one.number for one in acknowledged if one.asset_id == asset["id"]} <= set(numbers)


def test_a_killed_server_keeps_what_it_acknowledged_and_gc_clears_the_rest(tmp_path: Path) -> None:
    print(f"\nGENASSET_TEST_SEED={SEED}")
    chooser = random.Random(SEED)
    crowd = Crowd(SEED)
    with Server(tmp_path / "library") as server:
        for _round in range(KILLS):
            kill_at_a_random_moment(server, crowd, chooser)
            port = server.port
            server.start()
            assert server.port == port
            assert_kept(server, crowd.acknowledged)
        assert crowd.complaints == []
        assert_listed(server, crowd.acknowledged)
        gone = json.loads(server.cli("gc", "--older-than", "0", "--json"))
        print(f"{KILLS} kills, {len(crowd.acknowledged)} acknowledged saves, gc took away {gone}")
        assert_whole(server.library)
        assert_kept(server, crowd.acknowledged)


def test_gc_beside_saves_takes_nothing_from_them(tmp_path: Path) -> None:
    crowd = Crowd(SEED)
    with Server(tmp_path / "library") as server:
        with crowd.saving(server, clients=CLIENTS, saves=SAVES) as threads:
            while any(thread.is_alive() for thread in threads):
                collect(server.library, older_than=timedelta(0))
        assert crowd.complaints == []
        assert len(crowd.acknowledged) == SAVES
        assert_kept(server, crowd.acknowledged)
        assert_listed(server, crowd.acknowledged)
        server.cli("gc", "--older-than", "0")
        assert_whole(server.library)
        assert_kept(server, crowd.acknowledged)
