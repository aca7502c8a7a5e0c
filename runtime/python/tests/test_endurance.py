"""Many jobs, and many deaths."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from hearth.agent.frames import Frame, Kind
from support.server import Server, alive, wait_until, zip_of

JOBS = """
import os, time

class Quick:
    def run_job(self, context, runtime, data):
        return os.getpid()

class Marks:
    def run_job(self, context, runtime, data):
        with open("marks", "a") as file:
            file.write(runtime.job_id + "\\n")
        time.sleep(data["seconds"])
        return runtime.job_id
"""


@pytest.fixture
def jobs(tmp_path: Path) -> tuple[str, Path]:
    """A wheel with the jobs."""
    return "d", zip_of(tmp_path / "jobs.whl", {"jobs.py": JOBS})


def children(pid: int) -> list[int]:
    """The processes that this one has started, and that live."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(x) for x in text.split() if alive(int(x))]


def memory(pid: int) -> int:
    """What a process has of its own, KiB."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    lines = dict(line.split(":") for line in text.splitlines()[1:])
    return int(lines["Private_Dirty"].split()[0])


def descriptors(pid: int) -> int:
    """How many it has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def test_thousands_of_jobs_leave_nothing(
    tmp_path: Path, jobs: tuple[str, Path]
) -> None:
    """20,000 jobs were run this way for figures; these are fewer."""
    count = int(os.environ.get("HEARTH_PYTHON_JOBS", "3000"))
    with Server(tmp_path) as server:
        server.welcome()

        def run(begin: int, end: int) -> set[int]:
            found = set()
            window = 4
            for i in range(begin, end + window):
                if i < end:
                    server.link.run(f"j-{i}", "jobs.Quick", {}, [jobs])
                if i - window >= begin:
                    ended = server.link.expect(Kind.JOB_ENDED)
                    found.add(int(ended.payload))
                    server.link.send(Kind.JOB_STORED, {"job": ended.header["job"]})
            return found

        def look() -> list[tuple[int, int]]:
            agent = server.process.pid
            (zygote,) = children(agent)
            pids = [agent, zygote, *sorted(children(zygote))]
            return [(memory(pid), descriptors(pid)) for pid in pids]

        run(0, 1000)
        before = look()
        workers = run(1000, count)
        after = look()
        assert len(workers) <= 5
        assert [x[1] for x in before] == [x[1] for x in after], "descriptors"
        grown = [b[0] - a[0] for a, b in zip(before, after)]
        print(f"KiB after 1,000 jobs {before}, after {count} {after}")
        assert max(grown) < 1024, f"memory grew by {grown} KiB"


def test_deaths_at_random_moments(tmp_path: Path, jobs: tuple[str, Path]) -> None:
    """Each job has one end that is true, and none runs twice."""
    seed = int(os.environ.get("HEARTH_SEED", str(random.randrange(1 << 30))))
    print("HEARTH_SEED", seed)
    chance = random.Random(seed)
    count, most = int(os.environ.get("HEARTH_PYTHON_DEATHS", "60")), 8
    with Server(tmp_path, {"kill-timeout": "500ms"}) as server:
        server.welcome()
        (zygote,) = children(server.process.pid)
        open_jobs: dict[str, str] = {}
        ends: dict[str, str] = {}
        late: dict[str, str] = {}
        crashed = 0

        def take(frame: Frame | None) -> None:
            nonlocal crashed
            assert frame is not None
            if frame.kind != Kind.JOB_ENDED:
                return
            job = frame.header["job"]
            if job in ends:
                # A kill that came too late is answered by the end, or by "killed"
                # if the agent has forgotten the job.
                assert late.pop(job, "") == "killed", f"{job} ended twice"
                assert frame.header["outcome"] in (ends[job], "killed")
                return
            done = late[job] = open_jobs.pop(job)
            ends[job] = outcome = frame.header["outcome"]
            if outcome == "finished":
                assert frame.payload == f'"{job}"'.encode()
            elif outcome == "killed":
                assert done == "killed"
            else:
                assert "signal 9 (SIGKILL)" in frame.header["message"]
                crashed += 1
            server.link.send(Kind.JOB_STORED, {"job": job})

        for i in range(count):
            while len(open_jobs) >= most:
                take(server.link.next())
            job = f"j-{i}"
            open_jobs[job] = ""
            config: Any = {"seconds": chance.random() / 5}
            server.link.run(job, "jobs.Marks", config, [jobs])
            what = chance.random()
            if what < 0.3:
                victim = chance.choice(list(open_jobs))
                open_jobs[victim] = "killed"
                server.link.send(Kind.KILL_JOB, {"job": victim})
            elif what < 0.6 and (workers := children(zygote)):
                os.kill(chance.choice(workers), signal.SIGKILL)
        while open_jobs:
            take(server.link.next())
        assert len(ends) == count
        assert {"finished", "killed"} <= set(ends.values())
        assert crashed
        marks = (tmp_path / "marks").read_text().splitlines()
        assert len(marks) == len(set(marks)), "a job ran twice"
        finished = {job for job, outcome in ends.items() if outcome == "finished"}
        assert finished <= set(marks)
        workers = children(zygote)
        server.process.kill()
        wait_until(
            lambda: not any(alive(pid) for pid in [zygote, *workers]), "their end"
        )
