"""Starts jobs in a context, with options that may be changed for some of them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hearth_client import shipping
from hearth_client.aio import binaries
from hearth_client.aio.core import Core, key_of
from hearth_client.aio.job import AsyncJob, job_of
from hearth_client.aio.options import Options, names
from hearth_client.encoding import Config, config_text
from hearth_client.errors import JobTimeout, NotFound, Refused
from hearth_client.results import ANSWER_TAIL, Stream

LONGEST_SYNC = 3600


@dataclass(frozen=True)
class Starter:
    """Where jobs are started, and how."""

    core: Core
    context: str | None
    """None: each job makes a context of its own."""
    options: Options = field(default_factory=Options)
    settings: Mapping[str, object] = field(default_factory=dict)
    """Of the contexts that jobs make."""

    def with_options(self, **given: Any) -> Starter:  # noqa: ANN401
        """The same with other options, where they are not None."""
        if given.get("binaries") is not None:
            given["binaries"] = names(given["binaries"])
        changed = {k: v for k, v in given.items() if v is not None}
        return replace(self, options=replace(self.options, **changed))

    async def submit_class(
        self,
        main_class: str,
        config: Config = None,
        **options: Any,  # noqa: ANN401
    ) -> AsyncJob:
        """Starts a job of a class."""
        on = self.with_options(**options) if options else self
        answer = await self.core.transport.send(
            "POST",
            ["jobs"],
            on._query(main_class),
            body=config_text(config),
            key=key_of(on.options.key),
            repeatable=bool(on.options.key),
        )
        return job_of(self.core, answer.body)

    async def submit_function(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> AsyncJob:
        """Starts a job that calls a function, whose code is sent, too."""
        function, args, kwargs = shipping.without_partial(function, args, kwargs)
        code = await asyncio.to_thread(shipping.pack, function)
        return await self.call(code, args, kwargs)

    async def call(
        self, code: shipping.Code, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> AsyncJob:
        """Starts a job that calls a function whose code is packed."""
        config = await asyncio.to_thread(shipping.arguments, args, kwargs)
        on = self.with_options(binaries=(code.name, *self.options.binaries))
        for fresh in (False, True):
            if fresh or code.name not in self.core.shipped:
                await binaries.put(self.core, code.name, code.wheel, "wheel", fresh)
                self.core.shipped.add(code.name)
            try:
                return await on.submit_class(code.main_class, config)
            except NotFound as e:
                # Somebody has deleted the binary.
                if fresh or code.name not in e.message:
                    raise
        raise AssertionError("not reached")

    @contextlib.asynccontextmanager
    async def stream(
        self, main_class: str, config: Config, timeout: float
    ) -> AsyncIterator[Stream]:
        """Starts a job, and gives its result while the job makes it."""
        query = {**self._query(main_class), "sync": True, "timeout": int(timeout)}
        try:
            async with self.core.transport.stream(
                "POST",
                ["jobs"],
                query,
                body=config_text(config),
                key=key_of(self.options.key),
                timeout=timeout + 60,
                repeatable=bool(self.options.key),
            ) as flow:
                stream = Stream(
                    flow.parts(), flow.request_id, self.core.watch.report, ANSWER_TAIL
                )
                yield await stream.begin()
        except Refused as e:
            if e.status == 500 and e.job_id:
                raise JobTimeout(
                    f"job {e.job_id} has no result after {timeout:g} s; it goes on",
                    job_id=e.job_id,
                    request_id=e.request_id,
                ) from None
            raise

    def _query(self, main_class: str) -> dict[str, object]:
        if not self.options.binaries:
            raise ValueError(
                f"no binary has {main_class}: name it with binaries=…, or upload it "
                "with upload(path)"
            )
        query: dict[str, object] = {
            "cp": ",".join(self.options.binaries),
            "mainClass": main_class,
            "context": self.context,
            "queue": self.options.queue,
            "priority": self.options.priority,
            "max-wait": self.options.max_wait,
        }
        return {**self.settings, **query} if self.context is None else query
