"""The systems' pages, one file each."""

from tools.openapi.page import Page
from tools.openapi.pages.mytracker import MYTRACKER
from tools.openapi.pages.onesignal import ONESIGNAL
from tools.openapi.pages.pushexpress import PUSHEXPRESS
from tools.openapi.pages.track import TRACK
from tools.openapi.pages.trax import TRAX

PAGES: dict[str, Page] = {page.system: page for page in (ONESIGNAL, TRAX, PUSHEXPRESS, MYTRACKER, TRACK)}
"""By the name of the system's folder."""
