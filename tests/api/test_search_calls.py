"""?search= over HTTP: whatever a person types, the answer is a list."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factories import picture
from server import Server


def names(server: Server, search: str) -> list[str]:
    return [one["name"] for one in server.get("/api/v1/assets", search=search)["assets"]]


def test_words_are_found_over_all_that_an_asset_says(server: Server) -> None:
    server.saved(picture(), asset_name="Leuchtturm", prompt="ein Sturm", model="sd_xl_base_1.0.safetensors")
    server.saved(picture(1), asset_name="Leuchtturm", tags="Nacht", notes_md="für das Titelbild")
    server.saved(picture(2), asset_name="灯台", prompt="夜の海")
    assert names(server, "sturm nacht TITELBILD fur") == ["Leuchtturm"]
    assert names(server, "sd_xl_base_1.0.safetensors") == ["Leuchtturm"]
    assert names(server, "夜 海") == ["灯台"]
    assert names(server, "sturm 海") == []
    assert server.get("/api/v1/assets", search="nowhere")["pagination"]["total"] == 0


def test_a_patched_model_is_part_of_the_recipe_and_not_of_what_was_sent(server: Server) -> None:
    version = server.saved(picture(), asset_name="Sea", model="first")["version"]["id"]
    body = {"metadata": {"model": {"checkpoint": "second"}}}
    server.http.patch(f"/api/v1/versions/{version}/metadata", json=body)
    assert names(server, "first") == ["Sea"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40) | st.text(st.sampled_from("\"'*()-:^{}ANDORNEAR \0\t%_\\;"), max_size=40))
def test_odd_characters_never_fail(server: Server, search: str) -> None:
    answer = server.http.get("/api/v1/assets", params={"search": search})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "query", ["search=%ff%fe", "search=%00", "search=%ed%a0%80", "search=%", "search", "search=a&search=b"]
)
def test_what_is_no_text_never_fails(server: Server, query: str) -> None:
    assert server.http.get(f"/api/v1/assets?{query}").status_code == 200


def test_a_search_over_its_limit_is_refused_by_name(server: Server) -> None:
    assert server.http.get("/api/v1/assets", params={"search": "é" * 4096}).status_code == 200
    answer = server.http.get("/api/v1/assets", params={"search": "é" * 4097})
    assert (answer.status_code, answer.json()["field"]) == (400, "search")


def test_a_search_that_finds_much_is_walked_by_cursor(server: Server) -> None:
    for number in range(7):
        server.saved(picture(number), asset_name=f"thing {number}", prompt='"sea" OR')
    found, cursor = [], ""
    while True:
        page = server.get("/api/v1/assets", search='"sea" OR', page_size=3, cursor=cursor)
        found += [one["name"] for one in page["assets"]]
        cursor = page["pagination"]["next_cursor"]
        if not cursor:
            break
    assert found == [f"thing {number}" for number in reversed(range(7))]
