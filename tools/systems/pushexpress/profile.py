"""push.express's profile."""

from tools.systems.profile import Call, Parameter, Profile
from tools.systems.pushexpress.page import PAGE
from tools.systems.pushexpress.vendor import PushExpress


def _refused_call(parameter: Parameter) -> Call:
    """For an app that may pass."""
    apps = [app.partition("=")[0].strip() for app in parameter("AppIds").split(",")]
    app = "doctor" if apps == ["*"] else next((app for app in apps if app not in ("", "*")), "doctor")
    return Call("POST", f"/api/r/v2/apps/{app}/instances")


PROFILE = Profile(
    name="pushexpress",
    page=PAGE,
    vendor=PushExpress,
    local_settings={"APP_IDS": "*"},
    refused_call=_refused_call,
    erasure_at_vendor=(
        "Its SDK API has no deletion (deactivate only stops messages): "
        "ask its support, naming app and instance."
    ),
)
