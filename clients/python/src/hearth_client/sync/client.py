"""The client of a server."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from hearth_client.aio.client import AsyncClient
from hearth_client.aio.core import Key
from hearth_client.aio.job import AsyncJob
from hearth_client.aio.options import Names
from hearth_client.encoding import Config
from hearth_client.portal import Portal
from hearth_client.reports import Binary
from hearth_client.sync.context import Context
from hearth_client.sync.job import Job
from hearth_client.transport import Retries


class Client:
    """A server, and one pool of connections to it. Threads may share it.

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
        self._inner = AsyncClient(
            url,
            token=token,
            user=user,
            password=password,
            ca_file=ca_file,
            retries=retries,
            connect_timeout=connect_timeout,
            max_connections=max_connections,
        )
        self._portal = Portal()

    @property
    def url(self) -> str:
        """The server's address, without credentials."""
        return self._inner.url

    def __repr__(self) -> str:
        return repr(self._inner)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes all connections. Contexts and jobs go on."""
        if self._portal.alive:
            self._portal.run(self._inner.close())
            self._portal.close()

    def healthy(self) -> bool:
        """Whether the server says that all its parts work.

        :raises hearth_client.Unreachable: if there is no server
        """
        return self._portal.run(self._inner.healthy())

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
    ) -> Context:
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
        inner = self._inner.context(
            name,
            kind=kind,
            cores=cores,
            memory=memory,
            binaries=binaries,
            settings=settings,
            keep=keep,
        )
        return Context(self._portal, inner)

    def contexts(self) -> list[Context]:
        """The live contexts."""
        found = self._portal.run(self._inner.contexts())
        return [Context(self._portal, x) for x in found]

    # -- jobs --------------------------------------------------------------------

    def submit(
        self,
        main_class: str,
        config: Config = None,
        *,
        binaries: Names,
        settings: Mapping[str, object] | None = None,
        key: Key = True,
    ) -> Job:
        """Starts a job in a context of its own, which ends with it.

        :param settings: of the context
        """
        started = self._inner.submit(
            main_class, config, binaries=binaries, settings=settings, key=key
        )
        return Job(self._portal, self._portal.run(started))

    def job(self, id: str) -> Job:
        """A job, by its id. Nothing is asked until it is used."""
        return Job(self._portal, self._inner.job(id))

    def jobs(
        self,
        *,
        status: str | None = None,
        context: str | None = None,
        main_class: str | None = None,
        since: datetime.datetime | None = None,
        limit: int | None = None,
    ) -> Iterator[Job]:
        """Jobs, the newest first. Pages are fetched when they are needed.

        The server lists its 10,000 newest jobs.

        :param status: only those in that state, such as "running"
        :param context: only those of the context with that name
        :param main_class: only those of that class
        :param since: only those that were started then or later
        :param limit: so many at most
        """
        found = self._inner.jobs(
            status=status,
            context=context,
            main_class=main_class,
            since=since,
            limit=limit,
        )
        for job in self._portal.iterate(found):
            yield Job(self._portal, job)

    def as_completed(
        self,
        jobs: Iterable[Job],
        timeout: float | None = None,
        *,
        progress: bool = False,
    ) -> Iterator[Job]:
        """The jobs in the order in which they end, well or not.

        :raises hearth_client.JobTimeout: if not all have ended after so many seconds
        """
        own, inner = _inner_of(jobs)
        for job in self._portal.iterate(
            self._inner.as_completed(inner, timeout, progress=progress)
        ):
            yield own[id(job)]

    def gather(
        self,
        jobs: Iterable[Job],
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
        _, inner = _inner_of(jobs)
        return self._portal.run(
            self._inner.gather(
                inner,
                timeout=timeout,
                return_exceptions=return_exceptions,
                progress=progress,
            )
        )

    # -- binaries and data files -------------------------------------------------

    def upload(
        self, path: str | Path, name: str | None = None, *, type: str | None = None
    ) -> Binary:
        """Uploads a binary, unless the server has the same content under that name.

        :param name: without it, the name of the file without version and ending
        :param type: jar, wheel, egg or native, if the file's name does not say it
        """
        return self._portal.run(self._inner.upload(path, name, type=type))

    def binaries(self, *, type: str | None = None) -> list[Binary]:
        """The binaries, each with its newest version.

        :param type: only jar, wheel, egg or native ones
        """
        return self._portal.run(self._inner.binaries(type=type))

    def delete_binary(self, name: str) -> None:
        """Deletes a binary with all its versions, unless a job uses it."""
        self._portal.run(self._inner.delete_binary(name))

    def upload_data(self, path: str | Path, prefix: str | None = None) -> str:
        """Uploads a data file, and returns the name by which jobs find it.

        :param prefix: how that name begins; without it, as the file's
        """
        return self._portal.run(self._inner.upload_data(path, prefix))

    def data_files(self) -> list[str]:
        """The names of the uploaded data files."""
        return self._portal.run(self._inner.data_files())

    def delete_data(self, name: str) -> None:
        """Deletes an uploaded data file."""
        self._portal.run(self._inner.delete_data(name))


def _inner_of(jobs: Iterable[Job]) -> tuple[dict[int, Job], list[AsyncJob]]:
    """The jobs by the identities of the asynchronous ones in them."""
    wanted = list(jobs)
    return {id(job.inner): job for job in wanted}, [job.inner for job in wanted]
