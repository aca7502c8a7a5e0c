"""The table of the REST contract about contexts: every kind of them, their
settings, and their ends, in the order they are sent.
"""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

import re

from support.contract import ANY, DURATION, EXCEPTION, TIME, UUID, Row, error, exception
from support.contract_rows import CONTEXT, NOT_DONE

CREATED = {"status": "SUCCESS", "result": "Context initialized"}
STOPPED = {"status": "SUCCESS", "result": "Context stopped"}
RESET = {"status": "SUCCESS", "result": "Context reset"}
WRONG_TYPE = error("Invalid job type for this context")
JOB = "spark.jobserver."
FACTORY = "context-factory=spark.jobserver.context."
SMALL = "num-cpu-cores=1&memory-per-node=512m"
APP = f"cp=examples&mainClass={JOB}"
ENDED = {"...": ANY, **CONTEXT, "state": "FINISHED", "endTime": TIME}

SETTINGS = """
# as users write it
spark.context-settings {
  spark.sql.shuffle.partitions = 7
  spark.speculation = true
  spark.speculation.interval = 150ms
  passthrough { spark.sql.session.timeZone = UTC }
  hadoop { fs.some.key = value }
  launcher { spark.driver.memory = 700m }
}
"""


def sync(context: str) -> str:
    return f"context={context}&sync=true&timeout=60"


def result(x: object) -> dict[str, object]:
    return {"jobId": UUID, "result": x}


def setting(key: str, value: str) -> Row:
    """Spark has that setting."""
    return Row(f"session: {key}", f"POST /jobs?{APP}SessionSqlJob&{sync('ses')}", 200, result([[key, value]]), f'sql = "set {key}"')


CONTEXT_ROWS = [
    Row("session: create", f"POST /contexts/ses?{FACTORY}SessionContextFactory&{SMALL}&spark.sql.shuffle.partitions=3&spark.some.query=q", 200, CREATED, SETTINGS, cluster=True),
    Row("session: job", f"POST /jobs?{APP}SessionSqlJob&{sync('ses')}", 200, result([["UTC", 45]]), 'sql = "select current_timezone(), sum(id) from range(10)"', cluster=True),
    Row("session: plain job", f"POST /jobs?{APP}VeryShortDoubleJob&{sync('ses')}", 400, WRONG_TYPE),
    setting("spark.sql.shuffle.partitions", "7"),
    setting("spark.some.query", "q"),
    setting("spark.speculation", "true"),
    setting("spark.speculation.interval", "150ms"),
    setting("spark.hadoop.fs.some.key", "value"),
    setting("spark.driver.memory", "700m"),
    setting("spark.cores.max", "1"),
    setting("spark.executor.memory", "512m"),
    Row("restart", "POST /contexts/ses/restart", 200, dict, cluster=True),
    Row("restart: unknown", "POST /contexts/nope/restart", 404, error("context nope not found")),
    Row("restart: the settings are kept", f"POST /jobs?{APP}SessionSqlJob&{sync('ses')}", 200, result([["UTC"]]), 'sql = "select current_timezone()"', cluster=True),
    Row("session: stop by force", "DELETE /contexts/ses?force=true", 200, STOPPED, cluster=True),
    Row("session: ended", "GET /contexts/ses", 200, ENDED | {"state": re.compile("FINISHED|KILLED")}),

    Row("Java: create", f"POST /contexts/java?{FACTORY}JavaSparkContextFactory&{SMALL}", 200, CREATED),
    Row("Java: job", f"POST /jobs?{APP}JavaHelloWorldJob&{sync('java')}", 200, result("Hi!")),
    Row("Java: map", f"POST /jobs?{APP}JavaWordCountJob&{sync('java')}", 200, result({"a": 2, "b": 1}), 'input.string = "a b a"'),
    Row("Java: verify throws", f"POST /jobs?{APP}JavaWordCountJob&{sync('java')}", 200, {"jobId": UUID, "status": "ERROR", "result": {**EXCEPTION, "message": "No input.string config param"}}),
    Row("Java: Scala job", f"POST /jobs?{APP}VeryShortDoubleJob&{sync('java')}", 400, exception("JOB LOADING FAILED")),
    Row("Java: stop", "DELETE /contexts/java", 200, STOPPED),

    Row("Java session: create", f"POST /contexts/jses?{FACTORY}JavaSessionContextFactory&{SMALL}", 200, CREATED),
    Row("Java session: job", f"POST /jobs?{APP}JavaSqlJob&{sync('jses')}", 200, result(2), 'sql = "select explode(array(1, 2))"'),
    Row("Java session: stop", "DELETE /contexts/jses", 200, STOPPED),

    Row("streaming: create", f"POST /contexts/str?{FACTORY}StreamingContextFactory&{SMALL}&streaming.batch_interval=500", 200, CREATED, cluster=True),
    Row("streaming: plain job", f"POST /jobs?{APP}VeryShortDoubleJob&{sync('str')}", 400, WRONG_TYPE),
    Row("streaming: job", f"POST /jobs?{APP}StreamingSumJob&context=str", 202, NOT_DONE, 'out = "{out}"', cluster=True),
    Row("streaming: stop", "DELETE /contexts/str", 200, STOPPED, cluster=True),
    Row("streaming: ended", "GET /contexts/str", 200, ENDED, cluster=True),
    Row("streaming: no jobs any more", f"POST /jobs?{APP}StreamingSumJob&context=str", 404, error("context str not found")),

    Row("own factory: create", f"POST /contexts/own?context-factory={JOB}GreetingContextFactory&dependent-jar-uris=file:{{jar}}&greeting=hello&{SMALL}", 200, CREATED, cluster=True),
    Row("own factory: job", f"POST /jobs?{APP}GreetJob&{sync('own')}", 200, result(["hello 1", "hello 2"]), cluster=True),
    Row("own factory: plain job", f"POST /jobs?{APP}VeryShortDoubleJob&{sync('own')}", 400, WRONG_TYPE),
    Row("own factory: stop", "DELETE /contexts/own", 200, STOPPED, cluster=True),
    Row("own factory that fails", f"POST /contexts/bad?context-factory={JOB}GreetingContextFactory&cp=examples&{SMALL}", 500,
        exception("CONTEXT INIT ERROR", re.compile(".*greeting.*", re.DOTALL))),

    Row("not ready in time", "POST /contexts/slow?context-init-timeout=1ms", 500, exception("CONTEXT INIT ERROR")),
    Row("not ready in time: how it ended", "GET /contexts/slow", 200, {"...": ANY, **CONTEXT, "state": "ERROR", "endTime": TIME}),

    Row("ad hoc: sync", f"POST /jobs?{APP}WordCountExample&sync=true&timeout=60&{SMALL}", 200, result({"a": 1}), 'input.string = "a"', cluster=True),
    Row("ad hoc: report", "GET /jobs?status=finished&limit=1", 200, [{**NOT_DONE, "status": "FINISHED", "duration": DURATION, "context": re.compile(f"{UUID.pattern}-{JOB}WordCountExample")}], cluster=True),
    Row("ad hoc: validation says no", f"POST /jobs?{APP}WordCountExample&sync=true&timeout=60", 400, exception("VALIDATION FAILED")),
    Row("ad hoc: throws", f"POST /jobs?{APP}MyErrorJob&sync=true&timeout=60", 200, {"jobId": UUID, "status": "ERROR", "result": {**EXCEPTION, "message": "Foobar"}}),

    Row("reset", "PUT /contexts?reset=reboot", 200, RESET, cluster=True),
    Row("after a reset", "GET /contexts", 200, []),
    Row("the binary is free again", "DELETE /binaries/examples", 200),
    Row("reset without waiting", "PUT /contexts?reset=reboot&sync=false", 200, {"status": "SUCCESS", "result": "Context reset requested"}),
]
