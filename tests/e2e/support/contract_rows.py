"""The table of the REST contract: one line a row, in the order they are sent."""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

import re

from support.contract import (
    ANY,
    DURATION,
    EXCEPTION,
    SUCCESS,
    TIME,
    UUID,
    Row,
    error,
    exception,
)
from support.zips import zip_of

ZIP = zip_of()
LIBRARY = b"\177ELF\2\1" + bytes(58)
"""As much of a shared library as its header claims."""
JAR = {"Content-Type": "application/java-archive"}
ORIGIN = {"Origin": "http://a.example"}
NOT_FOUND = error("The requested resource could not be found.")
CONTEXT = {
    "id": UUID,
    "name": str,
    "state": str,
    "startTime": TIME,
    "endTime": str,
    "since": TIME,
    "stateVersion": int,
}
NOT_DONE = {
    "jobId": UUID,
    "status": "STARTED",
    "context": str,
    "contextId": UUID,
    "classPath": str,
    "startTime": TIME,
    "duration": "Job not done yet",
}
DONE = {**NOT_DONE, "duration": DURATION}
SHOWN = {**DONE, "since": TIME, "stateVersion": int}


def typed(content_type: str) -> dict[str, str]:
    return {"Content-Type": content_type}


GENERAL = [
    Row("health", "GET /healthz", 200, SUCCESS, says={"content-type": "application/json"}),
    Row("metrics", "GET /metricz", 200, {"...": ANY, "hearth.job": {"live": {"type": "gauge", "value": int}, "waiting-messages": dict}}),
    Row("page", "GET /", 200, says={"content-type": re.compile("text/html.*")}),
    Row("unknown path", "GET /nonsense", 404, NOT_FOUND),
    Row("delete a collection", "DELETE /contexts", 405, error(str), says={"allow": str}),
    Row("wrong method", "POST /healthz", 405, error(str), says={"allow": "GET, HEAD, OPTIONS"}),
    Row("patch", "PATCH /jobs", 405, error(str), says={"allow": "GET, HEAD, POST, OPTIONS"}),
    Row("head", "HEAD /contexts", 200, says={"content-type": "application/json"}),
    Row("origin", "GET /contexts", 200, headers=ORIGIN, says={
        "access-control-allow-origin": "http://a.example",
        "access-control-allow-credentials": "true"}),
    Row("preflight of POST", "OPTIONS /jobs", 200,
        headers={**ORIGIN, "Access-Control-Request-Method": "POST"},
        says={"access-control-allow-methods": re.compile(".*POST.*"), "access-control-max-age": "1800"}),
    Row("preflight of DELETE", "OPTIONS /jobs/x", 200,
        headers={**ORIGIN, "Access-Control-Request-Method": "DELETE"},
        says={"access-control-allow-methods": re.compile(".*DELETE.*")}),
    Row("preflight of PUT", "OPTIONS /contexts", 200,
        headers={**ORIGIN, "Access-Control-Request-Method": "PUT"},
        says={"access-control-allow-methods": re.compile(".*PUT.*")}),
    Row("options without an origin", "OPTIONS /jobs", 200, says={"allow": "GET, HEAD, POST, OPTIONS"}),
    Row("no page is not a path", "GET /contexts/a/b/c", 404, NOT_FOUND),
    Row("method of another path", "POST /jobs/x", 405, error(str), says={"allow": "GET, HEAD, DELETE, OPTIONS"}),
    Row("head of what is not there", "HEAD /jobs/nope", 404),
    Row("override to DELETE", "POST /binaries/nope?_method=DELETE", 404, error("can't find binary with name nope")),
    Row("override to GET", "POST /binaries?_method=GET", 200, dict),
    Row("override to PUT", "POST /data?_method=PUT&reset=x", 400, error(str)),
    Row("override to nonsense", "POST /jobs?_method=FOO", 400, error(re.compile(".*'_method'.*FOO.*"))),
    Row("segments are decoded once", "GET /binaries/a%2520b", 404, error("Can't find binary with name a%20b")),
    Row("malformed flag", "POST /jobs?cp=x&mainClass=Y&sync=maybe", 400, error(re.compile(".*'sync'.*'maybe'.*"))),
    Row("malformed number", "POST /jobs?cp=x&mainClass=Y&sync=true&timeout=x", 400, error(re.compile(".*'timeout'.*'x'.*"))),
    Row("malformed flag of a stop", "DELETE /contexts/x?force=maybe", 400, error(re.compile(".*'force'.*'maybe'.*"))),
    Row("malformed flag of a reset", "PUT /contexts?reset=reboot&sync=maybe", 400, error(re.compile(".*'sync'.*'maybe'.*"))),
    Row("limit with a fraction", "GET /jobs?limit=1.5", 400, error(re.compile(".*'limit'.*'1.5'.*"))),
    Row("malformed limit", "GET /jobs?limit=x", 400, error(re.compile(".*'limit'.*'x'.*"))),
    Row("malformed wait", "GET /jobs/x?wait=soon", 400, error(re.compile(".*'wait'.*'soon'.*"))),
]

BINARIES = [
    Row("list", "GET /binaries", 200, {"...": ANY, "app": {"binary-type": "Jar", "upload-time": TIME}}),
    Row("info", "GET /binaries/app", 200, {"app-name": "app", "binary-type": "Jar", "upload-time": TIME}),
    Row("unknown", "GET /binaries/nope", 404, error("Can't find binary with name nope")),
    *(Row(f"upload {kind}", "POST /binaries/up", 201, SUCCESS, ZIP, typed(kind))
      for kind in ("application/java-archive", "application/java-archive; charset=UTF-8",
                   "application/python-egg", "application/python-archive", "application/python-wheel")),
    Row("type of the last upload", "GET /binaries/up", 200, {"app-name": "up", "binary-type": "Wheel", "upload-time": TIME}),
    Row("upload ELF", "POST /binaries/so", 201, SUCCESS, LIBRARY, typed("application/x-sharedlib")),
    Row("type of ELF", "GET /binaries/so", 200, {"app-name": "so", "binary-type": "Native", "upload-time": TIME}),
    Row("no type", "POST /binaries/x", 415, error("Unsupported binary type application/octet-stream"), ZIP),
    Row("octet-stream", "POST /binaries/x", 415, error("Unsupported binary type application/octet-stream"), ZIP, typed("application/octet-stream")),
    Row("other type", "POST /binaries/x", 415, error("Unsupported binary type text/plain"), ZIP, typed("text/plain")),
    Row("no zip", "POST /binaries/x", 400, error("Binary is not of the right format"), b"hello", JAR),
    Row("empty", "POST /binaries/x", 400, error("Binary is not of the right format"), b"", JAR),
    Row("refused uploads left nothing", "GET /binaries/x", 404, error("Can't find binary with name x")),
    Row("delete", "DELETE /binaries/up", 200, SUCCESS),
    Row("delete again", "DELETE /binaries/up", 404, error("can't find binary with name up")),
    Row("delete nothing", "DELETE /binaries", 405, error(str)),
    Row("put", "PUT /binaries/x", 405, error(str), ZIP, JAR, {"allow": "GET, HEAD, POST, DELETE, OPTIONS"}),
    Row("jars: upload as a form", "POST /jars/old", 200, {"status": "SUCCESS", "result": "Jar uploaded"}, ZIP, typed("application/x-www-form-urlencoded")),
    Row("jars: list", "GET /jars", 200, {"...": ANY, "old": TIME}),
    Row("jars: no zip", "POST /jars/bad", 400, error("Binary is not of the right format"), b"hello"),
    Row("jars: delete", "DELETE /jars/old", 200, SUCCESS),
]

NO_CONTEXT = [
    Row("list", "GET /contexts", 200, ["nat"]),
    Row("info", "GET /contexts/nat", 200, {"...": ANY, **CONTEXT, "state": "RUNNING", "endTime": "Empty"}),
    Row("unknown", "GET /contexts/nope", 404, error("can't find context with name nope")),
    Row("exists", "POST /contexts/nat", 400, error("context nat exists")),
    Row("name", "POST /contexts/1abc", 400, error("context name must start with letters")),
    Row("no name", "POST /contexts", 405, error(str)),
    Row("body that does not parse", "POST /contexts/c1", 400, error(re.compile("Cannot parse config: .*1:.*")), "a { b"),
    Row("limit that makes no sense", "POST /contexts/c1?max-jobs-per-context=0", 400, error(re.compile(".*max-jobs-per-context.*"))),
    Row("time that makes no sense", "POST /contexts/c1?context-init-timeout=soon", 400, error(re.compile(".*context-init-timeout = soon.*"))),
    Row("jar that is not there", "POST /contexts/c1?cp=nope", 404, {"status": "ERROR", "result": {**EXCEPTION, "message": "classPath nope not found"}}),
    Row("malformed URI in cp", "POST /contexts/c1?cp=hdfs:///x.jar", 400, exception("CONTEXT INIT ERROR: Malformed URL", "unknown protocol: hdfs")),
    Row("malformed URI", "POST /contexts/c1?dependent-jar-uris=hdfs:///x.jar", 400, exception("CONTEXT INIT ERROR: Malformed URL", "unknown protocol: hdfs")),
    Row("a refused context shows how it ended", "GET /contexts/c1", 200, {"...": ANY, **CONTEXT, "state": "ERROR", "endTime": TIME}),
    Row("create", "POST /contexts/c2?context-factory=hearth.native", 200, {"status": "SUCCESS", "result": "Context initialized"}),
    Row("stop", "DELETE /contexts/c2", 200, {"status": "SUCCESS", "result": "Context stopped"}),
    Row("last context of a name", "GET /contexts/c2", 200, {"...": ANY, **CONTEXT, "state": "FINISHED", "endTime": TIME}),
    Row("stop again", "DELETE /contexts/c2", 404, error("context c2 not found")),
    Row("create under the freed name", "POST /contexts/c2?context-factory=hearth.native", 200, {"status": "SUCCESS", "result": "Context initialized"}),
    Row("stop by force", "DELETE /contexts/c2?force=true", 200, {"status": "SUCCESS", "result": "Context stopped"}),
    Row("stop unknown", "DELETE /contexts/nope", 404, error("context nope not found")),
    Row("reset without a word", "PUT /contexts", 404, error("Request is missing required query parameter 'reset'")),
    Row("reset to nonsense", "PUT /contexts?reset=x", 400, error(str)),
    Row("job: no parameters", "POST /jobs", 400, error("Cannot parse config: To start the job appName or cp parameters should be configured!")),
    Row("job: appName only", "POST /jobs?appName=app", 400, error("Cannot parse config: classPath parameter is missing!")),
    Row("job: cp only", "POST /jobs?cp=app", 400, error("Cannot parse config: mainClass parameter is missing!")),
    Row("job: empty appName", "POST /jobs?appName=&classPath=X", 400, error("Cannot parse config: To start the job appName or cp parameters should be configured!")),
    Row("job: mainClass only", "POST /jobs?mainClass=X", 400, error("Cannot parse config: To start the job appName or cp parameters should be configured!")),
    Row("job: unknown appName", "POST /jobs?appName=nope&classPath=X&context=nat", 404, error("appName nope not found")),
    Row("job: unknown binary", "POST /jobs?cp=nope&mainClass=X&context=nat", 404, error("classPath nope not found")),
    Row("job: unknown binary, ad hoc", "POST /jobs?cp=nope&mainClass=X", 404, error("classPath nope not found")),
    Row("job: unknown context", "POST /jobs?cp=app&mainClass=X&context=nope", 404, error("context nope not found")),
    Row("job: unparsable body", "POST /jobs?cp=app&mainClass=X&context=nat", 400, error(re.compile("Cannot parse config: 1:.*")), "a { b"),
    Row("job: unresolved substitution", "POST /jobs?cp=app&mainClass=X&context=nat", 400, error(re.compile(r"Cannot parse config: .*nope\.nope.*")), "a = ${nope.nope}"),
    Row("job: malformed URI", "POST /jobs?cp=hdfs:///x.jar&mainClass=X&context=nat", 400, exception("JOB LOADING FAILED: Malformed URL", "unknown protocol: hdfs")),
    Row("job: JSON that does not parse", "POST /jobs?cp=app&mainClass=X&context=nat", 400, error(re.compile("Cannot parse config: 1:.*")), '{"a":', typed("application/json")),
    Row("job: callback that is no URL", "POST /jobs?cp=app&mainClass=X&context=nat&callbackUrl=nonsense", 400, error("Callback Url has to be 'http'/'https'")),
    Row("job: bad callback", "POST /jobs?cp=app&mainClass=X&context=nat&callbackUrl=ftp%3A%2F%2Fx%2Fy", 400, error("Callback Url has to be 'http'/'https'")),
    Row("unknown job", "GET /jobs/nope", 404, error("No such job ID nope")),
    Row("wait for an unknown job", "GET /jobs/nope?wait=1", 404, error("No such job ID nope")),
    Row("config of an unknown job", "GET /jobs/nope/config", 404, error("No such job ID nope")),
    Row("kill an unknown job", "DELETE /jobs/nope", 404, error("No such job ID nope")),
    Row("jobs of no state", "GET /jobs?status=nope", 200, []),
    *(Row(f"no jobs that are {state}", f"GET /jobs?status={state}", 200, [])
      for state in ("running", "finished", "error", "killed", "restarting")),
]

DATA = [
    Row("list", "GET /data", 200, [re.compile(r"/.*/data/kept-\d{4}-\d\d-\d\dT\d\d_\d\d_\d\d\.\d{3}Z\.dat")]),
    Row("upload", "POST /data/rec", 200, {"result": {"filename": re.compile(r"/.*/data/rec-.*Z\.dat")}}, b"hello"),
    Row("upload without a prefix", "POST /data", 405, error(str), b"x"),
    Row("outside the folder, up", "POST /data/..%2Fx", 400, error(str), b"x"),
    Row("outside the folder, absolute", "POST /data/%2Fetc%2Fx", 400, error(str), b"x"),
    Row("delete outside, up", "DELETE /data/..%2F..%2Fhearthd.log", 400, error(str)),
    Row("delete by its name alone", "DELETE /data/nope", 400, error(re.compile(".*nope.*full paths.*"))),
    Row("delete outside", "DELETE /data/%2Fetc%2Fhostname", 400, error(str)),
    Row("delete", "DELETE /data/{kept}", 200, SUCCESS),
    Row("delete again", "DELETE /data/{kept}", 404, error(re.compile("Unknown file: /.*"))),
    Row("reset to nonsense", "PUT /data?reset=x", 400, error(str)),
    Row("reset without a word", "PUT /data", 404, error("Request is missing required query parameter 'reset'")),
    Row("reset", "PUT /data?reset=reboot", 200, {"status": "SUCCESS", "result": "Data reset"}),
    Row("list after a reset", "GET /data", 200, []),
]

JOB = "spark.jobserver."
WORDS = f"{JOB}WordCountExample"
IN = "context=rc"
SYNC = f"{IN}&sync=true&timeout=60"
APP = f"appName=examples&classPath={JOB}"
SPARK_ROWS = [
    Row("context: info", "GET /contexts/rc", 200, {"...": ANY, **CONTEXT, "state": "RUNNING", "applicationId": str}, cluster=True),
    Row("context: exists", "POST /contexts/rc", 400, error("context rc exists")),
    Row("context: factory that is not there", "POST /contexts/bad?context-factory=no.such.Factory", 500,
        {"status": "CONTEXT INIT ERROR", "result": {**EXCEPTION, "message": "no.such.Factory", "errorClass": "java.lang.ClassNotFoundException"}}),
    Row("context: the failed one", "GET /contexts/bad", 200, {"...": ANY, **CONTEXT, "state": "ERROR", "endTime": TIME}),
    Row("sync, array", f"POST /jobs?{APP}VeryShortDoubleJob&{SYNC}", 200, {"jobId": UUID, "result": [2, 4, 6]}, "{}", cluster=True),
    Row("sync, map", f"POST /jobs?{APP}WordCountExample&{SYNC}", 200, {"jobId": UUID, "result": {"a": 2, "b": 2, "c": 1, "see": 1}}, 'input.string = "a b c a b see"', cluster=True),
    Row("sync, cp and mainClass", f"POST /jobs?cp=examples&mainClass={WORDS}&{SYNC}", 200, {"jobId": UUID, "result": {"x": 2, "y": 1}}, '{"input": {"string": "x y x"}}'),
    Row("cp and mainClass in the body", f"POST /jobs?{SYNC}", 200, {"jobId": UUID, "result": {"q": 1}}, f'cp = "examples"\nmainClass = {WORDS}\ninput.string = "q"'),
    Row("cp as a list in the body", f"POST /jobs?{SYNC}", 200, {"jobId": UUID, "result": {"q": 1}}, f'cp = ["examples", "v1"]\nmainClass = {WORDS}\ninput.string = "q"'),
    Row("two binaries", f"POST /jobs?cp=examples,v1&mainClass={WORDS}&{SYNC}", 200, {"jobId": UUID, "result": {"q": 1}}, 'input.string = "q"'),
    Row("file URI", f"POST /jobs?cp=file://{{jar}}&mainClass={WORDS}&{SYNC}", 200, {"jobId": UUID, "result": {"q": 1}}, 'input.string = "q"', cluster=True),
    Row("file URI that is not there", f"POST /jobs?cp=file:///no/such.jar&mainClass={WORDS}&{SYNC}", 404, error("classPath file:///no/such.jar not found")),
    Row("no body", f"POST /jobs?{APP}VeryShortDoubleJob&{SYNC}", 200, {"jobId": UUID, "result": [2, 4, 6]}),
    Row("UTF-8", f"POST /jobs?{APP}WordCountExample&{SYNC}", 200, {"jobId": UUID, "result": {"Grüße": 1, "東京": 2}}, 'input.string = "東京 Grüße 東京"'.encode()),
    Row("JSON body", f"POST /jobs?{APP}WordCountExample&{SYNC}", 200, {"jobId": UUID, "result": {"q": 1}}, '{"input": {"string": "q"}}', typed("application/json")),
    Row("body of a form", f"POST /jobs?{APP}WordCountExample&{SYNC}", 200, {"jobId": UUID, "result": {"q": 1}}, "input.string = q # as curl -d sends it", typed("application/x-www-form-urlencoded")),
    Row("dotted keys beside nested ones", f"POST /jobs?{APP}ConfigCheckerJob&{SYNC}", 200, {"jobId": UUID, "result": ["a"]}, "a = 1, a { b = 2 }, a.c = 3"),
    Row("async", f"POST /jobs?{APP}WordCountExample&{IN}", 202, NOT_DONE, 'input.string = "a"', cluster=True),
    Row("finished job", "GET /jobs/{finished}", 200, {**SHOWN, "status": "FINISHED", "result": {"a": 2, "b": 1}}, cluster=True),
    Row("head of a finished job", "HEAD /jobs/{finished}", 200, says={"content-type": "application/json"}),
    Row("finished job, waited for", "GET /jobs/{finished}?wait=60", 200, {**SHOWN, "status": "FINISHED", "result": {"a": 2, "b": 1}}),
    Row("its configuration", "GET /jobs/{finished}/config", 200, {"input": {"string": "a b a"}}),
    Row("kill a finished job", "DELETE /jobs/{finished}", 404, error(re.compile("No running job with ID .*"))),
    Row("job that throws, sync", f"POST /jobs?{APP}MyErrorJob&{SYNC}", 200, {"jobId": UUID, "status": "ERROR", "result": {**EXCEPTION, "message": "Foobar", "errorClass": "java.lang.IllegalArgumentException"}}),
    Row("job that threw", "GET /jobs/{failed}", 200, {**SHOWN, "status": "ERROR", "result": {**EXCEPTION, "message": "Foobar"}}),
    Row("kill a failed job", "DELETE /jobs/{failed}", 200, {"status": "ERROR", "ERROR": {**EXCEPTION, "message": "Foobar"}}),
    Row("killed job", "GET /jobs/{killed}", 200, {**SHOWN, "status": "KILLED", "result": {**EXCEPTION, "message": re.compile("Job .* killed")}}, cluster=True),
    Row("kill a killed job", "DELETE /jobs/{killed}", 404, error(re.compile("No running job with ID .*"))),
    *(Row(f"validation says no, {how or 'async'}", f"POST /jobs?{APP}WordCountExample&{IN}&{how}", 400,
          exception("VALIDATION FAILED", "One(SparkJobInvalid(No input.string config param))")) for how in ("", "sync=true")),
    Row("validation says no, new API", f"POST /jobs?{APP}WordCountExampleNewApi&{IN}", 400, exception("VALIDATION FAILED", "One(SingleProblem(No input.string param))")),
    Row("not done in time", f"POST /jobs?{APP}SleepJob&{IN}&sync=true&timeout=1", 500,
        {"status": "ERROR", "jobId": UUID, "result": {**EXCEPTION, "message": re.compile(".*timed out.* Try using the /jobs/<jobID>, /jobs APIs to get status/results")}}, "sleep.time.millis = 3000",
        says={"x-hearth-job-id": UUID}),
    Row("unknown class", f"POST /jobs?{APP}NoSuchJob&{IN}", 404, error(f"classPath {JOB}NoSuchJob not found")),
    Row("unknown class by mainClass", f"POST /jobs?cp=examples&mainClass={JOB}NoSuchJob&{SYNC}", 404, error(f"classPath {JOB}NoSuchJob not found")),
    Row("no job", f"POST /jobs?{APP}Animal&{SYNC}", 400, exception("JOB LOADING FAILED")),
    Row("Java job in a Scala context", f"POST /jobs?{APP}JavaHelloWorldJob&{SYNC}", 400, exception("JOB LOADING FAILED")),
    Row("session job in a plain context", f"POST /jobs?{APP}SessionSqlJob&{SYNC}", 400, error("Invalid job type for this context")),
    Row("a job sees its own keys alone", f"POST /jobs?{APP}ConfigCheckerJob&{SYNC}", 200, {"jobId": UUID, "result": ["mine"]}, "mine = 1"),
    Row("binary in use", "DELETE /binaries/examples", 403, error(re.compile(r"Binary is in use by job\(s\): [-0-9a-f, ]+"))),
    Row("list of running jobs", "GET /jobs?status=running&limit=1", 200, [{**NOT_DONE, "status": "RUNNING"}]),
    Row("list of finished jobs has no results", "GET /jobs?status=finished&limit=1", 200, [{**DONE, "status": "FINISHED"}]),
    *(Row(f"list of failed jobs, {name}", f"GET /jobs?status={name}&limit=1", 200, [{**DONE, "status": "ERROR", "result": EXCEPTION}]) for name in ("error", "ERROR")),
    Row("list of killed jobs", "GET /jobs?status=killed&limit=1", 200, [{**DONE, "status": "KILLED", "result": EXCEPTION}]),
    Row("list of two", "GET /jobs?limit=2", 200, [ANY, ANY]),
    Row("list of none", "GET /jobs?limit=0", 200, []),
    Row("list without a limit", "GET /jobs?limit=-1", 200, list),
    Row("all slots taken", f"POST /jobs?{APP}SleepJob&context=one", 503, {"status": "NO SLOTS AVAILABLE", "result": "Too many running jobs (1) for job context 'one'"}),
    Row("all slots taken, sync", f"POST /jobs?{APP}SleepJob&context=one&sync=true", 503, {"status": "NO SLOTS AVAILABLE", "result": "Too many running jobs (1) for job context 'one'"}),
]
