"""`python -m tools.programs`: the SAM CLI and MiniStack, for `make check` and `make build`."""

from tools.places import ROOT
from tools.programs.installed import install_missing

install_missing(ROOT / ".tools" / "logs")
