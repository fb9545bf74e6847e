"""The workspace and its tokens, described."""

from genasset import shapes
from genasset.api import tokens, workspace
from genasset.api.openapi import examples
from genasset.api.openapi.examples import TOKEN_ID, WORKSPACE_ID, shown
from genasset.api.openapi.operation import ANYWHERE, WITH_BODY, WITH_CHANGE, WITH_TOKEN, flag, json_answer, json_body
from genasset.api.openapi.operation import operation as operation_of
from genasset.api.openapi.schemas import Json

NAME = shapes.WorkspaceName(WORKSPACE_ID, "My library", "my-library")
READER = ("read",)


def operations() -> list[Json]:
    """GET /workspace and the calls on tokens."""
    return [_show_workspace(), _make_token(), _show_tokens(), _delete_token()]


def _show_workspace() -> Json:
    found = shapes.Workspace(NAME.id, NAME.name, NAME.slug, None, [NAME])
    example = shown(shapes.WorkspaceAnswer(found, shapes.Counts(128, 412, 1073741824)))
    return operation_of(
        workspace.show_workspace,
        "Workspace",
        "A good first call: it shows that the address and the token are right.",
        scope="read",
        parameters=[
            flag("lite", "Leave out `storage_bytes`, which is costly to add up."),
            flag("include_workspace_list", "Fill `workspaces` with those the token can reach: its own."),
        ],
        answers=json_answer("The workspace.", "WorkspaceAnswer", example),
        codes=(*ANYWHERE, *WITH_TOKEN, "invalid_field"),
    )


def _make_token() -> Json:
    token = shapes.NewToken("ga_" + "x" * 40, TOKEN_ID, "gallery", READER, examples.SAVED_AT, None)
    bodies: Json = {
        "a token for a client": {"name": "ComfyUI"},
        "a token that only reads and ends": {
            "name": "gallery",
            "scopes": ["read"],
            "expires_at": "2099-12-31T00:00:00Z",
        },
    }
    return operation_of(
        tokens.make_token,
        "Tokens",
        "The text is shown in this answer alone: only its hash is stored. It belongs to the workspace of its maker.",
        scope="admin",
        body=json_body("TokenRequest", bodies),
        answers=json_answer("The token was made.", "NewToken", shown(token), status=201),
        codes=(*ANYWHERE, *WITH_TOKEN, *WITH_BODY, *WITH_CHANGE),
    )


def _show_tokens() -> Json:
    token = shapes.Token(TOKEN_ID, "gallery", READER, examples.SAVED_AT, None, examples.SAVED_AT)
    return operation_of(
        tokens.show_tokens,
        "Tokens",
        "Newest first; revoked tokens are not among them.",
        scope="admin",
        answers=json_answer("The tokens.", "TokenList", shown(shapes.TokenList([token]))),
        codes=(*ANYWHERE, *WITH_TOKEN, "missing_scope"),
    )


def _delete_token() -> Json:
    return operation_of(
        tokens.delete_token,
        "Tokens",
        "From then on it opens nothing. A token may revoke itself.",
        scope="admin",
        answers=json_answer("The token is revoked.", "Deleted", shown(shapes.Deleted(True, TOKEN_ID))),
        codes=(*ANYWHERE, *WITH_TOKEN, *WITH_CHANGE, "token_not_found"),
    )
