"""`python -m tools.local`, which is `make local`."""

import signal
import sys

# There is nothing to stop yet: Ctrl-C while Python reads its packages ends it, without a traceback.
signal.signal(signal.SIGINT, signal.SIG_DFL)


def _main() -> int:
    try:
        from tools.console.console import console
        from tools.local.foreground import run
    except ModuleNotFoundError as error:
        missing = str(error.name)
        if missing.startswith("tools"):
            raise
        sys.stderr.write(f"the Python package {missing} is missing: run `rm -r .venv; make local`\n")
        return 1
    return run(console)


if __name__ == "__main__":
    sys.exit(_main())
