"""The client of a server."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from hearth_client.address import find_server
from hearth_client.aio import binaries as uploads
from hearth_client.aio import many
from hearth_client.aio.context import AsyncContext
from hearth_client.aio.core import Core, Key
from hearth_client.aio.job import AsyncJob
from hearth_client.aio.options import Names, Options, names
from hearth_client.aio.starter import Starter
from hearth_client.encoding import Config
from hearth_client.errors import Refused
from hearth_client.reports import Binary, JobReport, time_of
from hearth_client.transport import Retries, Transport

PAGES = (50, 250, 1250, 10_000)
"""How many jobs are asked for, one time after the other."""


class AsyncClient:
    """A server, and one pool of connections to it.

    What is not given here comes from the environment and the file of credentials,
    as for the command line: `HEARTH_URL`, `HEARTH_USER`, `HEARTH_PASSWORD_FILE`,
    `~/.config/hearth/credentials`.

    :param url: `http[s]://[user:password@]host[:port][/path]`
    :param token: for a server or a proxy that takes bearer tokens
    :param user: `name`, or `name:password`
    :param ca_file: certificates to trust instead of the system's
    :param retries: how patient it is with a server that is busy or away
    :param connect_timeout: how many seconds making a connection may take
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        token: str | None = None,
        user: str | None = None,
        password: str | None = None,
        ca_file: str | Path | None = None,
        retries: Retries | None = None,
        connect_timeout: float = 5,
        max_connections: int = 100,
    ) -> None:
        server = find_server(url, token=token, user=user, password=password)
        self.url = server.url
        self._core = Core(
            Transport(
                server,
                retries=retries or Retries(),
                max_connections=max_connections,
                connect_timeout=connect_timeout,
                ca_file=ca_file,
            )
        )

    def __repr__(self) -> str:
        return f"<client of {self.url}>"

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes all connections. Contexts and jobs go on."""
        await self._core.close()

    async def healthy(self) -> bool:
        """Whether the server says that all its parts work.

        :raises hearth_client.Unreachable: if there is no server
        """
        try:
            await self._core.transport.send("GET", ["healthz"])
        except Refused:
            return False
        return True

    # -- contexts ----------------------------------------------------------------

    def context(
        self,
        name: str,
        *,
        kind: str | None = None,
        cores: int | None = None,
        memory: str | None = None,
        binaries: Names = (),
        settings: Mapping[str, object] | None = None,
        keep: bool = False,
    ) -> AsyncContext:
        """A context, by its name. Nothing is asked until it is used.

        In a `with` block the context is started unless it is there, and stopped at
        the end if it was started there.

        :param kind: spark, session, streaming, java, java-session, java-streaming,
            pyspark, python, native, or the class of a factory; without it, the
            server's default
        :param memory: of each executor, such as "512m"
        :param binaries: names of binaries, and URIs, that have the jobs' classes
        :param settings: all further settings, such as {"python.preload": ["numpy"]}
        :param keep: does not stop the context at the end of a `with` block
        """
        return AsyncContext(
            self._core,
            name,
            kind=kind,
            cores=cores,
            memory=memory,
            binaries=binaries,
            settings=settings,
            keep=keep,
        )

    async def contexts(self) -> list[AsyncContext]:
        """The live contexts."""
        answer = await self._core.transport.send("GET", ["contexts"])
        return [self.context(name) for name in answer.json()]

    # -- jobs --------------------------------------------------------------------

    async def submit(
        self,
        main_class: str,
        config: Config = None,
        *,
        binaries: Names,
        settings: Mapping[str, object] | None = None,
        key: Key = True,
    ) -> AsyncJob:
        """Starts a job in a context of its own, which ends with it.

        :param settings: of the context
        """
        options = Options(names(binaries), key=key)
        alone = Starter(self._core, None, options, settings or {})
        return await alone.submit_class(main_class, config)

    def job(self, id: str) -> AsyncJob:
        """A job, by its id. Nothing is asked until it is used."""
        return AsyncJob(self._core, id)

    async def jobs(
        self,
        *,
        status: str | None = None,
        context: str | None = None,
        main_class: str | None = None,
        since: datetime.datetime | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[AsyncJob]:
        """Jobs, the newest first. Pages are fetched when they are needed.

        The server lists its 10,000 newest jobs.

        :param status: only those in that state, such as "running"
        :param context: only those of the context with that name
        :param main_class: only those of that class
        :param since: only those that were started then or later
        :param limit: so many at most
        """
        seen: set[str] = set()
        given = 0
        for page in PAGES:
            answer = await self._core.transport.send(
                "GET", ["jobs"], {"limit": page, "status": status}
            )
            found = answer.json()
            for x in found:
                report = JobReport.of(x, answer.request_id)
                if report.id in seen:
                    continue
                seen.add(report.id)
                if since is not None and report.started and report.started < since:
                    return
                if context is not None and report.context != context:
                    continue
                if main_class is not None and report.main_class != main_class:
                    continue
                if limit is not None and given >= limit:
                    return
                given += 1
                yield AsyncJob(self._core, report.id, report)
            if len(found) < page or (limit is not None and given >= limit):
                return

    def as_completed(
        self,
        jobs: Iterable[AsyncJob],
        timeout: float | None = None,
        *,
        progress: bool = False,
    ) -> AsyncIterator[AsyncJob]:
        """The jobs in the order in which they end, well or not.

        :raises hearth_client.JobTimeout: if not all have ended after so many seconds
        """
        return many.as_completed(jobs, timeout, progress=progress)

    async def gather(
        self,
        jobs: Iterable[AsyncJob],
        *,
        timeout: float | None = None,
        return_exceptions: bool = False,
        progress: bool = False,
    ) -> list[Any]:
        """The results of the jobs, in the order of the jobs.

        :param return_exceptions: puts the error of a failed job into the list; else
            the first one is raised, and the other jobs go on
        :raises hearth_client.JobTimeout: if not all have ended after so many seconds
        """
        return await many.gather(
            jobs,
            timeout=timeout,
            return_exceptions=return_exceptions,
            progress=progress,
        )

    # -- binaries and data files -------------------------------------------------

    async def upload(
        self, path: str | Path, name: str | None = None, *, type: str | None = None
    ) -> Binary:
        """Uploads a binary, unless the server has the same content under that name.

        :param name: without it, the name of the file without version and ending
        :param type: jar, wheel, egg or native, if the file's name does not say it
        """
        return await uploads.upload(self._core, Path(path), name, type)

    async def binaries(self, *, type: str | None = None) -> list[Binary]:
        """The binaries, each with its newest version.

        :param type: only jar, wheel, egg or native ones
        """
        answer = await self._core.transport.send("GET", ["binaries"])
        return [
            Binary(name, x["binary-type"], time_of(x.get("upload-time")))
            for name, x in answer.json().items()
            if type is None or x["binary-type"].lower() == type.lower()
        ]

    async def delete_binary(self, name: str) -> None:
        """Deletes a binary with all its versions, unless a job uses it."""
        await self._core.transport.send("DELETE", ["binaries", name])
        self._core.shipped.discard(name)

    async def upload_data(self, path: str | Path, prefix: str | None = None) -> str:
        """Uploads a data file, and returns the name by which jobs find it.

        :param prefix: how that name begins; without it, as the file's
        """
        file = Path(path)
        answer = await self._core.transport.send(
            "POST",
            ["data", prefix or file.name],
            body=file,
            timeout=None,
            repeatable=False,
        )
        return str(answer.json()["result"]["filename"])

    async def data_files(self) -> list[str]:
        """The names of the uploaded data files."""
        answer = await self._core.transport.send("GET", ["data"])
        return [str(name) for name in answer.json()]

    async def delete_data(self, name: str) -> None:
        """Deletes an uploaded data file."""
        await self._core.transport.send("DELETE", ["data", name])
