"""Tokens: who they let in, for how long, and that their text is nowhere."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from genasset.db.tables import tokens
from genasset.errors import Forbidden, Invalid, NotFound, Unauthorized
from genasset.library import Library, open_library
from genasset.model import SCOPES, Caller
from genasset.settings import Settings
from genasset.workspaces.overview import create_workspace
from genasset.workspaces.tokens import authenticate, create_token, list_tokens, note_uses, revoke_token


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2030, 1, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def library(settings: Settings, clock: Clock) -> Iterator[Library]:
    opened = open_library(settings, now=clock)
    yield opened
    opened.close()


@pytest.fixture
def workspace(library: Library) -> str:
    return create_workspace(library, "Studio").id


def maker(library: Library, workspace: str, *scopes: str) -> Caller:
    text = create_token(library, workspace, "maker", scopes=scopes).text
    return authenticate(library, text, "read")


@pytest.mark.parametrize("scopes", [("read",), ("write",), ("read", "write"), ("admin",), SCOPES])
@pytest.mark.parametrize("wanted", SCOPES)
def test_a_token_opens_what_its_strongest_scope_includes(
    library: Library, workspace: str, scopes: tuple[str, ...], wanted: str
) -> None:
    text = create_token(library, workspace, "t", scopes=scopes).text
    if SCOPES.index(wanted) <= max(map(SCOPES.index, scopes)):
        caller = authenticate(library, text, wanted)
        assert (caller.workspace_id, caller.name, caller.scopes) == (workspace, "t", scopes)
    else:
        with pytest.raises(Forbidden, match=wanted):
            authenticate(library, text, wanted)


@pytest.mark.parametrize(("mine", "wanted"), [("read", "write"), ("read", "admin"), ("write", "admin")])
def test_a_token_can_not_grant_more_than_its_maker_has(
    library: Library, workspace: str, mine: str, wanted: str
) -> None:
    caller = maker(library, workspace, mine)
    before = len(list_tokens(library, workspace))
    for scopes in ((wanted,), ("read", wanted)):
        with pytest.raises(Forbidden) as caught:
            create_token(library, workspace, "more", scopes=scopes, maker=caller)
        assert caught.value.code == "scope_too_wide"
    assert len(list_tokens(library, workspace)) == before
    create_token(library, workspace, "as much", scopes=(mine,), maker=caller)


def test_a_token_is_good_until_the_moment_it_expires(library: Library, workspace: str, clock: Clock) -> None:
    text = create_token(library, workspace, "t", expires_at=clock.time + timedelta(hours=1)).text
    clock.time += timedelta(minutes=59, seconds=59, microseconds=999_999)
    authenticate(library, text, "read")
    clock.time += timedelta(microseconds=1)
    with pytest.raises(Unauthorized) as caught:
        authenticate(library, text, "read")
    assert caught.value.code == "token_expired"


def test_a_token_can_not_expire_before_it_is_made(library: Library, workspace: str, clock: Clock) -> None:
    for moment in (clock.time, clock.time - timedelta(days=1)):
        with pytest.raises(Invalid) as caught:
            create_token(library, workspace, "t", expires_at=moment)
        assert caught.value.field == "expires_at"


def test_a_revoked_token_is_told_from_an_unknown_one_by_nobody(library: Library, workspace: str) -> None:
    made = create_token(library, workspace, "t")
    revoke_token(library, workspace, made.token.id)
    sentences = set()
    for text in (made.text, "ga_" + "x" * 40, "x", ""):
        with pytest.raises(Unauthorized) as caught:
            authenticate(library, text, "read")
        sentences.add((str(caught.value), caught.value.code))
    assert len(sentences) == 1


def test_a_token_of_another_workspace_can_not_be_revoked(library: Library, workspace: str) -> None:
    other = create_workspace(library, "Other").id
    made = create_token(library, other, "t")
    for token_id in (made.token.id, "unknown", ""):
        with pytest.raises(NotFound):
            revoke_token(library, workspace, token_id)
    authenticate(library, made.text, "read")
    assert list_tokens(library, workspace) == []


def test_only_the_hash_of_a_token_is_stored(library: Library, workspace: str) -> None:
    made = create_token(library, workspace, "t", scopes=SCOPES)
    with library.db.read() as tx:
        row = tx.execute(select(tokens)).one()
    assert made.text not in repr(tuple(row))
    assert made.text[3:] not in repr(tuple(row))
    for path in library.settings.data_dir.iterdir():
        assert path.is_dir() or made.text.encode() not in path.read_bytes()


def test_texts_of_tokens_do_not_repeat(library: Library, workspace: str) -> None:
    texts = {create_token(library, workspace, "same name").text for _ in range(50)}
    assert len(texts) == 50


def test_uses_are_noted_and_listed(library: Library, workspace: str, clock: Clock) -> None:
    first, second = (create_token(library, workspace, name).token.id for name in ("first", "second"))
    moment = clock.time + timedelta(minutes=5)
    note_uses(library, {first: moment, "gone meanwhile": moment})
    used = {one.id: one.last_used_at for one in list_tokens(library, workspace)}
    assert used == {first: moment, second: None}
