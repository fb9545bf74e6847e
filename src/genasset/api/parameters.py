"""Query parameters, each checked by name; an empty one counts as not given."""

from genasset.api.answers import AnyRequest
from genasset.errors import Invalid


def text(request: AnyRequest, name: str) -> str:
    """A parameter's text, empty when it was not given."""
    value: str = request.query_params.get(name, "")
    return value


def flag(request: AnyRequest, name: str) -> bool | None:
    """Whether a parameter says yes (1, true, yes) or no (0, false, no); None when it was not given."""
    value = text(request, name).lower()
    if value in ("1", "true", "yes"):
        return True
    if value in ("0", "false", "no"):
        return False
    if value == "":
        return None
    raise Invalid(f"{name} must be 1 or 0.", field=name)


def whole(request: AnyRequest, name: str, default: int, *, least: int, most: int) -> int:
    """A whole number of `least` … `most`. Raises Invalid naming the range."""
    value = text(request, name).strip()
    if value == "":
        return default
    digits = value[1:] if value[0] == "-" else value
    number = int(value) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None
    if number is None or not least <= number <= most:
        raise Invalid(f"{name} must be a whole number from {least} to {most}.", field=name)
    return number
