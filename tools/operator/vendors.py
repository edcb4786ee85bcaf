"""What a vendor has of a person, and must be asked for: the gateway cannot take back what it delivered."""

from __future__ import annotations

ASK = {
    "onesignal": (
        "DELETE https://api.onesignal.com/apps/{app_id}/users/by/{alias_label}/{alias_id} with the app's key "
        "removes the user with all subscriptions (player ids) and tags; "
        "see https://documentation.onesignal.com/reference/delete-user"
    ),
    "trax": "Its document has no deletion: ask your contact at Trax, naming project and session_uid.",
    "pushexpress": (
        "Its SDK API has no deletion (deactivate only stops messages): "
        "ask its support, naming app and instance."
    ),
    "mytracker": (
        "Its import API has no deletion: ask its support, naming the idApp and each id of the user's."
    ),
}
"""By system; track has no vendor."""
