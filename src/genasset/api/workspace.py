"""The token's workspace over HTTP."""

from litestar import get

from genasset.api import PREFIX, parameters
from genasset.api.answers import AnyRequest, JsonResponse, answer
from genasset.api.auth import caller_of, library_of
from genasset.shapes import Counts, Workspace, WorkspaceAnswer, WorkspaceName
from genasset.workspaces.overview import overview


@get(f"{PREFIX}/workspace", sync_to_thread=True)
def show_workspace(request: AnyRequest) -> JsonResponse:
    """The token's workspace and what it holds."""
    caller = caller_of(request, "read")
    found = overview(library_of(request), caller, lite=bool(parameters.flag(request, "lite")))
    name = WorkspaceName(found.workspace.id, found.workspace.name, found.workspace.slug)
    listed = [name] if parameters.flag(request, "include_workspace_list") else []
    counts = Counts(found.assets, found.versions)
    if found.storage_bytes is not None:
        counts.storage_bytes = found.storage_bytes
    return answer(WorkspaceAnswer(Workspace(name.id, name.name, name.slug, None, listed), counts))
