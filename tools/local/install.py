"""`python -m tools.local.install`: the SAM CLI and MiniStack, for `make check` and `make build`."""

from tools.local.places import ROOT
from tools.local.programs import install_missing

install_missing(ROOT / ".tools" / "logs")
