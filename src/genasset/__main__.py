"""`genasset` and `python -m genasset`: the command line, which needs the server's packages."""

import sys


def main() -> None:
    """Run the command line."""
    try:
        from genasset.cli import app
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("genasset"):
            raise
        sys.exit(f"The command line needs the server's packages ({error.name}): pip install 'genasset[server]'")
    app()


if __name__ == "__main__":
    main()
