"""Access tokens over HTTP, for those whose own token has the scope `admin`."""

from litestar import delete, get, post
from litestar.concurrency import sync_to_thread

from genasset import wire
from genasset.api import PREFIX
from genasset.api.answers import AnyRequest, JsonResponse, answer
from genasset.api.auth import caller_of, library_of
from genasset.api.bodies import read_object, text_in, texts_in
from genasset.shapes import Deleted, NewToken, TokenList
from genasset.workspaces.tokens import DEFAULT_SCOPES, as_moment, create_token, list_tokens, revoke_token


@post(f"{PREFIX}/tokens")
async def make_token(request: AnyRequest) -> JsonResponse:
    """Make a token; its text is in this answer and nowhere else."""
    library = library_of(request)
    caller = await sync_to_thread(caller_of, request, "admin")
    body, _warnings = await read_object(request, library)
    scopes = texts_in(body, "scopes")
    made = await sync_to_thread(
        create_token,
        library,
        caller.workspace_id,
        text_in(body, "name") or "",
        scopes=DEFAULT_SCOPES if scopes is None else scopes,
        expires_at=as_moment(text_in(body, "expires_at"), "expires_at"),
        maker=caller,
    )
    token = made.token
    return answer(NewToken(made.text, token.id, token.name, token.scopes, token.created_at, token.expires_at), 201)


@get(f"{PREFIX}/tokens", sync_to_thread=True)
def show_tokens(request: AnyRequest) -> JsonResponse:
    """The workspace's tokens, without their texts."""
    caller = caller_of(request, "admin")
    return answer(TokenList([wire.token(one) for one in list_tokens(library_of(request), caller.workspace_id)]))


@delete(f"{PREFIX}/tokens/{{token_id:str}}", status_code=200, sync_to_thread=True)
def delete_token(request: AnyRequest, token_id: str) -> JsonResponse:
    """Revoke a token."""
    caller = caller_of(request, "admin")
    revoke_token(library_of(request), caller.workspace_id, token_id.lower())
    return answer(Deleted(True, token_id.lower()))
