"""Assets and their versions: saved, read, searched and edited."""
