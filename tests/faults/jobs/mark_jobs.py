"""Jobs that leave a mark in a file, so that it can be counted how often they ran."""

import os
import time
from typing import Any


class Mark:
    """Returns its mark."""

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        """Naps between the mark and the end."""
        marks = os.open(data["file"], os.O_WRONLY | os.O_APPEND)
        os.write(marks, f"{data['mark']}\n".encode())
        os.close(marks)
        time.sleep(data["millis"] / 1000)
        return data["mark"]


class SparkMark(Mark):
    """Has Spark do something, too."""

    def run_job(self, context: Any, runtime: Any, data: Any) -> Any:  # noqa: ANN401
        """Counts in another process."""
        mark = super().run_job(context, runtime, data)
        numbers = context.sparkContext.parallelize([1, 2, 3], 1)
        assert numbers.map(lambda x: x + 1).sum() == 9
        return mark
