"""`python -m tools.operator`, which is `bin/trackgate`."""

import sys


def main() -> int:
    """Run the command line."""
    try:
        # Here, so that Ctrl-C while this loads is no traceback.
        from tools.operator.app import app

        app(prog_name="trackgate")
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


INTERRUPTED = 130

if __name__ == "__main__":
    sys.exit(main())
