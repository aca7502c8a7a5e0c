"""On which addresses a server and its contexts listen."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

from conftest import StartHearthd
from support.client import Context
from support.hearthd import Hearthd
from support.spark import Spark
from support.wait import until

LISTENS = "0A"
"""A state in /proc/net/tcp."""

UI = {"spark.ui.enabled": "true"}


def _address(text: str) -> str:
    """An address of /proc/net/tcp: words in the machine's order of bytes."""
    raw = bytes.fromhex(text)
    words = [raw[i : i + 4][::-1] for i in range(0, len(raw), 4)]
    address = ipaddress.ip_address(b"".join(words))
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def listening(pid: int) -> dict[int, str]:
    """The ports on which a process listens, each with its address."""
    inodes = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(file.readlink())
        except OSError:
            continue  # closed meanwhile
        if found := re.fullmatch(r"socket:\[(\d+)\]", target):
            inodes.add(found[1])
    result = {}
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            columns = row.split()
            if columns[3] == LISTENS and columns[9] in inodes:
                address, port = columns[1].split(":")
                result[int(port, 16)] = _address(address)
    return result


def driver_of(server: Hearthd, name: str) -> int:
    """The process of a context."""
    found = re.findall(rf"context {name}: process (\d+) started", server.log)
    return int(found[-1])


def ui_port(context: Context) -> int:
    """Where the context says that its user interface is."""
    return int(context.info()["url"].rstrip("/").rpartition(":")[2])


def test_with_a_local_master_everything_listens_on_loopback(
    start_hearthd: StartHearthd, spark: Spark
) -> None:
    server = start_hearthd(
        spark,
        # Not empty: to Java, an empty address is that of this machine alone.
        without=["SPARK_LOCAL_IP"],
        settings={"hearth.spark.warm-spares": 1},
    )
    server.client.upload("examples", spark.examples)

    def spare_is_warm() -> bool:
        actors = server.client.get("/admin/actors").json()
        return any(x["state"].startswith("1 of 1") for x in actors)

    until(spare_is_warm, "a spare is warm", 90)
    (spare,) = (p.pid for p in server.drivers() if "--spare" in p.command)
    assert set(listening(spare).values()) <= {"127.0.0.1"}
    for name, own in (("warm", {}), ("cold", {"spark.driver.memory": "600m"})):
        context = server.client.create_context(name, UI | own)
        taken = f"context {name}: takes a warm spare" in server.log
        assert taken == (name == "warm")
        words = context.run("WordCountExample", "input.string = a b a")
        assert words == {"a": 2, "b": 1}
        ports = listening(driver_of(server, name))
        # The driver, its block manager, and the user interface.
        assert len(ports) >= 3
        assert set(ports.values()) == {"127.0.0.1"}
        assert ui_port(context) in ports
    assert server.process is not None
    own_ports = listening(server.process.pid)
    assert len(own_ports) == 2
    assert set(own_ports.values()) == {"127.0.0.1"}


def test_the_address_of_the_user_wins(
    start_hearthd: StartHearthd, spark: Spark
) -> None:
    server = start_hearthd(spark, environment={"SPARK_LOCAL_IP": "127.0.0.2"})
    server.client.create_context("by-variable", UI)
    ports = listening(driver_of(server, "by-variable"))
    assert len(ports) >= 3
    assert set(ports.values()) == {"127.0.0.2"}
    server.client.create_context(
        "by-setting", UI | {"spark.driver.bindAddress": "127.0.0.3"}
    )
    ports = listening(driver_of(server, "by-setting"))
    assert len(ports) >= 3
    assert set(ports.values()) == {"127.0.0.3"}
