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


def folder(pid: int) -> str:
    """Where a process works; "" if it is gone."""
    try:
        return str(Path(f"/proc/{pid}/cwd").readlink())
    except OSError:
        return ""


def start_time(pid: int) -> int:
    """When a process started, in ticks since the boot; 0 if it is gone. With its
    pid that is what a process is known by.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if stat[0] == "Z" else int(stat[19])


def parent(pid: int) -> int:
    """The process that has started this one; 0 if it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(stat[1])


def state(pid: int) -> str:
    """The letter of a process's state: "T" is stopped; "": it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[0]


def forget_peak(pid: int) -> None:
    """Sets a process's VmHWM back to what it has in memory now; see proc(5)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_memory(pid: int) -> int:
    """The most memory that a process had since `forget_peak`, in bytes (VmHWM)."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(x for x in status.splitlines() if x.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def descriptors(pid: int) -> int:
    """How many files a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def zombies(parent: int) -> list[int]:
    """The children of a process that it has not reaped."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended meanwhile
        if int(stat[1]) == parent and stat[0] == "Z":
            found.append(int(folder.name))
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
