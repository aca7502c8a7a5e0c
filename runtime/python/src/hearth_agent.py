"""Starts the agent of a Python context: `python3 hearth_agent.py START_FILE`.

The folder of this file has the packages of the agent. It is on the path of the
interpreter because the file is started by its path, whatever the variables of the
environment say.
"""

import sys

if __name__ == "__main__":
    if sys.version_info < (3, 9):  # noqa: UP036
        sys.exit(
            "A Python context needs Python 3.9 or newer; python.executable is "
            + sys.version.split()[0]
        )
    from hearth.agent.agent import main

    sys.exit(main(sys.argv))
