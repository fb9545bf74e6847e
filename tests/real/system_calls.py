"""The system calls of a server that runs under strace."""

import re
from pathlib import Path
from typing import NamedTuple

TRACED = "fsync,fdatasync,link,linkat,rename,renameat,renameat2,write,pwrite64,sendto,sendmsg,writev"
LINE = re.compile(r"(?P<thread>\d+) +(?:<\.\.\. (?P<resumed>\w+) resumed>|(?P<name>\w+)\()(?P<rest>.*)")
UNFINISHED = " <unfinished ...>"


class Call(NamedTuple):
    """A system call; `began` and `ended` are places in the trace, so calls of several threads compare."""

    name: str
    text: str
    began: int
    ended: int


def strace(trace: Path) -> tuple[str, ...]:
    """The command under which a program writes its calls to `trace`, while its process id stays its own.

    Of what is written, 6,000 bytes show: a page of the database, and the answer to a save.
    """
    return ("strace", "-D", "-f", "-y", "-s", "6000", "-o", str(trace), "-e", f"trace={TRACED}")


def read_calls(text: str) -> list[Call]:
    """The finished calls of a trace, in the order they ended."""
    calls = []
    begun: dict[str, tuple[str, str, int]] = {}
    for place, line in enumerate(text.splitlines()):
        found = LINE.fullmatch(line)
        if not found:
            continue  # signals and exits
        thread, rest = found["thread"], found["rest"]
        if rest.endswith(UNFINISHED):
            begun[thread] = (found["name"], rest.removesuffix(UNFINISHED), place)
        elif found["resumed"]:
            name, first, began = begun.pop(thread, (found["resumed"], "", -1))  # it may have begun before the trace
            calls.append(Call(name, first + rest, began, place))
        else:
            calls.append(Call(found["name"], rest, place, place))
    return calls
