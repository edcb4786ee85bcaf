"""Runs a module, or a file by its path, and ends it when its parent process is gone.

Its standard input is a pipe from the parent, which closes however the parent dies: even a killed local run
leaves no process behind. This file imports nothing of the project, because it also runs without it.
"""

import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path

GRACE_SECONDS = 10


def _end_with_the_parent() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os._exit(1)


threading.Thread(target=_end_with_the_parent, name="parent watchdog", daemon=True).start()
sys.argv = sys.argv[1:]
# As with `python -m`, modules are found from the working directory, not beside this file.
sys.path[0] = str(Path.cwd())
if sys.argv[0].endswith(".py"):
    runpy.run_path(sys.argv[0], run_name="__main__")
else:
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
