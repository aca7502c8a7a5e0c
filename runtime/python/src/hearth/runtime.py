"""What a job gets beside its context and its configuration."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from hearth.config import Config

DEFAULT_TIMEOUT = 60.0
"""How many seconds a job waits while another one makes a named object."""


class NamedObjects(ABC):
    """The objects that the jobs of a context share by name.

    Each job may run in another process. So an object is pickled when it is stored,
    and each process makes its own copy of it once: changes that a job makes to its
    copy stay in that process. An object whose classes come from the job's own
    binaries is seen only by jobs of the same version of these.
    """

    @abstractmethod
    def get(self, name: str, timeout: float = DEFAULT_TIMEOUT) -> Any:  # noqa: ANN401
        """The object with that name; None if there is none.

        :raises TimeoutError: if another job makes it, and takes longer than that
        """

    @abstractmethod
    def get_or_else_create(
        self, name: str, make: Callable[[], Any], timeout: float = DEFAULT_TIMEOUT
    ) -> Any:  # noqa: ANN401
        """The object with that name, which `make` makes if there is none.

        Of several jobs that ask at the same time, one makes it; the others wait.

        :raises TimeoutError: if another job makes it, and takes longer than that
        :raises hearth.NamedObjectError: if it cannot be pickled
        """

    @abstractmethod
    def update(self, name: str, value: Any) -> Any:  # noqa: ANN401
        """Stores an object, in place of one that has that name, and returns it.

        `value` may be a function without arguments, which makes the object.
        """

    @abstractmethod
    def forget(self, name: str) -> None:
        """Removes the object with that name, if there is one."""

    @abstractmethod
    def get_names(self) -> list[str]:
        """The names of all objects that this job sees, sorted."""

    def destroy(self, name: str, value: object = None) -> None:
        """The same as `forget`, for jobs that were written for SJS."""
        if isinstance(value, str) and not isinstance(name, str):
            name = value  # SJS has destroy(object, name)
        self.forget(name)


class Runtime(ABC):
    """The surroundings of one run of a job."""

    job_id: str
    context_name: str
    context_config: Config
    """The settings of the context."""
    named_objects: NamedObjects
    logger: logging.Logger
    """Writes to the job's log, as every logger does while the job runs."""

    @property
    @abstractmethod
    def cancelled(self) -> bool:
        """Whether the job was killed. It should then return soon."""

    @abstractmethod
    def wait_cancelled(self, seconds: float) -> bool:
        """Waits at most that long, and less if the job is killed.

        :returns: whether the job was killed
        """

    @abstractmethod
    def progress(self, done: int, total: int, text: str = "") -> None:
        """Tells clients how far the job is. May be called as often as one likes."""

    @abstractmethod
    def data_file(self, name: str) -> str:
        """The path of a file that was uploaded to `/data`, on this machine.

        :param name: the path that the upload was answered with, or its last piece
        :raises hearth.DataFileError: if there is no such file
        """

    # The names that Spark Job Server's jobs use.

    @property
    def jobId(self) -> str:
        """The same as `job_id`."""
        return self.job_id

    @property
    def namedObjects(self) -> NamedObjects:
        """The same as `named_objects`."""
        return self.named_objects

    @property
    def contextConfig(self) -> Config:
        """The same as `context_config`."""
        return self.context_config

    def getDataFile(self, name: str) -> str:
        """The same as `data_file`."""
        return self.data_file(name)


class PythonContext:
    """What jobs of a `hearth.python` context get as their context."""

    def __init__(self, name: str, settings: Config, cores: int) -> None:
        self.name = name
        self.settings = settings
        self.cores = cores
        """The setting `num-cpu-cores`; else how many this machine has."""

    def __repr__(self) -> str:
        return f"<hearth.python context {self.name}>"
