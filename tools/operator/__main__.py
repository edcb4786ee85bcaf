"""`python -m tools.operator`, which is `bin/trackgate`."""

from tools.operator.app import app

app(prog_name="trackgate")
