"""Maven with a home of its own, so that what a test installs stays in build/."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from support.spark import REPOSITORY

HOME = REPOSITORY / "build/maven-home"

SETTINGS = """<settings>
  <profiles>
    <profile>
      <id>beside</id>
      <repositories>
        <repository><id>beside</id><url>{url}</url></repository>
      </repositories>
      <pluginRepositories>
        <pluginRepository><id>beside</id><url>{url}</url></pluginRepository>
      </pluginRepositories>
    </profile>
  </profiles>
  <activeProfiles><activeProfile>beside</activeProfile></activeProfiles>
</settings>
"""
"""What the user's own local repository has is not downloaded again."""


def run(command: list[str | Path], folder: Path, seconds: float = 900) -> str:
    """Runs a program that calls Maven; fails with what it printed."""
    settings = HOME / ".m2/settings.xml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    url = (Path.home() / ".m2/repository").as_uri()
    settings.write_text(SETTINGS.format(url=url))
    environment = {**os.environ, "MAVEN_OPTS": f"-Duser.home={HOME}"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=seconds,
        check=False,
    )
    printed = done.stdout.decode(errors="replace")
    assert done.returncode == 0, printed[-8000:]
    return printed
