"""GenAsset keeps each generated picture together with its full recipe."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from genasset.client import ApiError, Client

__all__ = ["ApiError", "Client"]


def __getattr__(name: str) -> Any:
    """`Client` and `ApiError`, imported when they are first asked for: the server does without them."""
    if name in __all__:
        from genasset import client

        return getattr(client, name)
    raise AttributeError(name)
