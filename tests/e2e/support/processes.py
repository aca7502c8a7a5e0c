"""Looking at the machine's processes through /proc."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A process that was seen alive."""

    pid: int
    command: str

    @property
    def is_java(self) -> bool:
        """Whether its program is a Java virtual machine."""
        return Path(self.command.split(" ", 1)[0]).name == "java"


def mentioning(text: str) -> list[Process]:
    """All living processes with `text` on their command line."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
        except OSError:
            continue  # it ended meanwhile
        # The command line of a zombie is empty, so it is never among them.
        if text.encode() in command:
            found.append(Process(int(folder.name), command.decode(errors="replace")))
    return found


def children(pid: int) -> list[int]:
    """The living child processes of a process."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(stat[1]) == pid and stat[0] != "Z":
            found.append(int(folder.name))
    return found
