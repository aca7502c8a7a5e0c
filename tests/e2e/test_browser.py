"""What a page in a real Chromium can do to the server: read its own, no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from conftest import StartHearthd
from support.browser import browser, foreign_site
from support.hearthd import Hearthd
from support.spark import Spark
from support.wait import until

# Sends a request and says what the page may know of the answer.
FETCH = """
const [url, options, done] = arguments;
fetch(url, options)
  .then(async x => done([x.type, x.status, await x.text()]))
  .catch(e => done(["failed", 0, String(e)]));
"""

# Sends a form, as a page does without any script; it shows the answer.
FORM = """
const [url, fields] = arguments;
const form = document.createElement("form");
form.method = "POST";
form.action = url;
form.enctype = fields.enctype;
const field = document.createElement("input");
field.name = fields.name;
field.value = fields.value;
form.append(field);
document.body.append(form);
form.submit();
"""


@pytest.fixture(scope="module")
def guarded(start_shared_hearthd: StartHearthd, default_spark: Spark) -> Hearthd:
    """A server as it is by default, but for one listed page."""
    return start_shared_hearthd(
        default_spark,
        settings={"hearth.http.allowed-origins": "http://listed.test"},
    )


@pytest.fixture(scope="module")
def site() -> Iterator[int]:
    """The port of a foreign web server."""
    with foreign_site() as port:
        yield port


@pytest.fixture(scope="module")
def chromium(
    tmp_path_factory: pytest.TempPathFactory, guarded: Hearthd, site: int
) -> Iterator[Chrome]:
    """A browser for which evil.test is this machine, and so is listed.test."""
    rules = f"MAP listed.test:80 127.0.0.1:{site}, MAP evil.test 127.0.0.1"
    profile: Path = tmp_path_factory.mktemp("profile")
    with browser(profile, f"--host-resolver-rules={rules}") as driver:
        yield driver


def fetch(driver: Chrome, url: str, **options: object) -> tuple[str, int, str]:
    """What a script gets: the type of the answer, its status, its text."""
    kind, status, text = driver.execute_async_script(FETCH, url, options)
    return kind, status, text


def data_files(server: Hearthd) -> list[str]:
    """What a foreign page could have made."""
    files: list[str] = server.client.get("/data").json()
    return files


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("page", ["http://127.0.0.1", "http://evil.test"])
@pytest.mark.parametrize(
    "options",
    [
        {"method": "POST", "body": "x", "mode": "no-cors"},
        {"method": "POST", "body": "x"},
        {"method": "POST", "body": "x", "headers": JSON},
        {"method": "POST", "body": "x", "credentials": "include"},
        {"method": "DELETE"},
        {"method": "PUT"},
    ],
    ids=["simple", "cors", "preflight", "credentials", "delete", "put"],
)
def test_a_foreign_page_changes_nothing(
    chromium: Chrome,
    guarded: Hearthd,
    site: int,
    page: str,
    options: dict[str, object],
) -> None:
    chromium.get(f"{page}:{site}/")
    base = f"http://127.0.0.1:{guarded.port}"
    for path in ("/data/x", "/data?reset=reboot", "/data/x?_method=POST"):
        kind, status, text = fetch(chromium, base + path, **options)
        assert kind in ("failed", "opaque"), (path, text)
        assert status == 0
    assert data_files(guarded) == []


def test_a_foreign_page_reads_nothing(
    chromium: Chrome, guarded: Hearthd, site: int
) -> None:
    chromium.get(f"http://127.0.0.1:{site}/")
    url = f"http://127.0.0.1:{guarded.port}/contexts"
    assert fetch(chromium, url)[0] == "failed"
    assert fetch(chromium, url, mode="no-cors") == ("opaque", 0, "")


@pytest.mark.parametrize("path", ["/data/x", "/data/x?_method=POST"])
@pytest.mark.parametrize("enctype", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_foreign_form_changes_nothing(
    chromium: Chrome, guarded: Hearthd, site: int, path: str, enctype: str
) -> None:
    chromium.get(f"http://127.0.0.1:{site}/")
    url = f"http://127.0.0.1:{guarded.port}{path}"
    fields = {"enctype": enctype, "name": "a", "value": "b"}
    chromium.execute_script(FORM, url, fields)
    until(
        lambda: "page of another origin" in chromium.page_source,
        "the refusal is shown",
    )
    assert data_files(guarded) == []


def test_a_name_that_was_made_to_mean_this_machine(
    chromium: Chrome, guarded: Hearthd
) -> None:
    """The page is of the same origin as the server, for the browser."""
    chromium.get(f"http://evil.test:{guarded.port}/")
    assert "does not answer to that Host" in chromium.page_source
    for method in ("GET", "POST", "DELETE"):
        kind, status, _ = fetch(chromium, "/data/x", method=method)
        assert (kind, status) == ("basic", 421)
    assert data_files(guarded) == []


def test_the_own_page_and_a_listed_one_may_do_all(
    chromium: Chrome, guarded: Hearthd
) -> None:
    base = f"http://127.0.0.1:{guarded.port}"
    for page, kind in ((base, "basic"), ("http://listed.test", "cors")):
        chromium.get(page + "/")
        assert fetch(chromium, base + "/contexts") == (kind, 200, "[]")
        options = {"method": "POST", "body": "x", "headers": JSON}
        made = fetch(chromium, base + "/data/x", **options)
        assert made[:2] == (kind, 200)
        assert len(data_files(guarded)) == 1
        reset = fetch(chromium, base + "/data?reset=reboot", method="PUT")
        assert reset[:2] == (kind, 200)
        assert data_files(guarded) == []
