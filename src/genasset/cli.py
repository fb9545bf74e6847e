"""The command line: what an operator does beside the server."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from genasset.errors import GenAssetError
from genasset.settings import OWNER_ALONE, Settings

if TYPE_CHECKING:
    from genasset.library import Library

app = typer.Typer(name="genasset", help="Pictures kept together with their recipes.", no_args_is_help=True)
token_app = typer.Typer(help="Access tokens.", no_args_is_help=True)
workspace_app = typer.Typer(help="Workspaces.", no_args_is_help=True)
app.add_typer(token_app, name="token")
app.add_typer(workspace_app, name="workspace")

DataDir = Annotated[Path | None, typer.Option(help="Folder of the database and the blobs; default: ./data.")]
WorkspaceSlug = Annotated[str | None, typer.Option(help="Slug of the workspace; default: the first one.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default: 8000; 0 for any free one.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Run the server until it is stopped."""
    with sentences():
        from genasset.serve import serve as run

        run(Settings.read(host=host, port=port, data_dir=data_dir))


@app.command()
def gc(
    older_than: Annotated[
        float, typer.Option(min=0, max=1e6, help="Hours for which unused bytes are left alone.")
    ] = 24,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Take away unfinished uploads and bytes that nothing refers to; safe beside a running server."""
    with library(data_dir) as lib:
        from genasset.collect import collect

        done = collect(lib, older_than=timedelta(hours=older_than))
    counts = {"uploads": done.uploads, "originals": done.originals, "previews": done.previews, "bytes": done.bytes}
    if as_json:
        typer.echo(json.dumps(counts))
    else:
        typer.echo(
            f"Removed {done.uploads} unfinished uploads, {done.originals} unreferenced pictures and "
            f"{done.previews} previews: {done.bytes} bytes."
        )


@workspace_app.command("create")
def create_workspace(
    name: Annotated[str, typer.Option(help="What people call it.")],
    data_dir: DataDir = None,
) -> None:
    """Make a workspace and print its slug."""
    with library(data_dir) as lib:
        from genasset.workspaces.overview import create_workspace as create

        typer.echo(create(lib, name).slug)


@workspace_app.command("list")
def list_workspaces(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the workspaces: slug and name."""
    with library(data_dir) as lib:
        from genasset.workspaces.overview import list_workspaces as find

        rows = [{"slug": one.slug, "name": one.name, "id": one.id} for one in find(lib)]
    print_rows(rows, ("slug", "name"), as_json)


@token_app.command("create")
def create_token(
    name: Annotated[str, typer.Option(help="What the token is for.")],
    workspace: WorkspaceSlug = None,
    scopes: Annotated[str, typer.Option(help="Some of read,write,admin.")] = "read,write",
    expires: Annotated[str | None, typer.Option(help="A date or time such as 2030-01-31; default: never.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Make a token and print its text, which is stored nowhere."""
    with library(data_dir) as lib:
        from genasset.workspaces import overview, tokens

        place = overview.find_workspace(lib, workspace) if workspace else overview.first_workspace(lib)
        made = tokens.create_token(
            lib,
            place.id,
            name,
            scopes=tuple(scope.strip() for scope in scopes.split(",") if scope.strip()),
            expires_at=tokens.as_moment(expires, "--expires"),
        )
        typer.echo(made.text)


@token_app.command("list")
def list_tokens(workspace: WorkspaceSlug = None, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List a workspace's tokens, without their texts."""
    with library(data_dir) as lib:
        from genasset.workspaces import overview, tokens

        found = tokens.list_tokens(lib, overview.find_workspace(lib, workspace).id)
    rows = [
        {
            "id": one.id,
            "name": one.name,
            "scopes": ",".join(one.scopes),
            "expires": str(one.expires_at or "never"),
            "last used": str(one.last_used_at or "never"),
        }
        for one in found
    ]
    print_rows(rows, ("id", "name", "scopes", "expires", "last used"), as_json)


@token_app.command("revoke")
def revoke_token(
    token_id: Annotated[str, typer.Argument(help="The token's id, as `token list` shows it.")],
    workspace: WorkspaceSlug = None,
    data_dir: DataDir = None,
) -> None:
    """Revoke a token: it opens nothing any more."""
    with library(data_dir) as lib:
        from genasset.workspaces import overview, tokens

        tokens.revoke_token(lib, overview.find_workspace(lib, workspace).id, token_id)
    typer.echo("Revoked.")


@contextmanager
def sentences() -> Iterator[None]:
    """Errors that a person can act on end the program with their sentence and exit code 1."""
    try:
        yield
    except GenAssetError as error:
        typer.echo(str(error), err=True)
        sys.exit(1)


@contextmanager
def library(data_dir: Path | None) -> Iterator["Library"]:
    """The library in the folder, open while the block lasts; a running server need not stop."""
    with sentences():
        # Opening the stores takes longer to import than a call for help should.
        from genasset.library import open_library

        os.umask(OWNER_ALONE)
        opened = open_library(Settings.read(data_dir=data_dir))
        try:
            yield opened
        finally:
            opened.close()


def print_rows(rows: list[dict[str, str]], columns: tuple[str, ...], as_json: bool) -> None:
    """Rows as a table with a heading, or as JSON."""
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    widths = [max(len(column), *(len(row[column]) for row in rows)) if rows else len(column) for column in columns]
    for row in ({column: column.upper() for column in columns}, *rows):
        typer.echo("  ".join(row[column].ljust(width) for column, width in zip(columns, widths, strict=True)).rstrip())
