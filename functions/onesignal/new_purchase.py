"""`new-purchase`: a player bought something; OneSignal adds it to the amount spent."""

from typing import Annotated

from pydantic import Field

from gateway.core.message import OutboundMessage
from gateway.endpoint import EndpointInput, endpoint
from gateway.inbound.fields import Amount, Boolean, Uuid, pattern
from gateway.inbound.validate import MAX_ELEMENTS, Parameters
from onesignal.system import envelope, onesignal, player_message


class Purchase(Parameters):
    """One purchased item. `amount` keeps the digits that were sent."""

    sku: str
    amount: Amount = Field(description="A number, or a string of decimal digits.")
    iso: Annotated[str, pattern(r"[A-Za-z]{3}", "must be a currency of three letters")]


class PurchaseData(Parameters):
    """OneSignal's own parameters of `on_purchase`."""

    purchases: Annotated[list[Purchase], Field(min_length=1, max_length=MAX_ELEMENTS)]
    existing: Boolean | None = None


class NewPurchase(Parameters):
    """The parameters of `new-purchase`."""

    player_id: Uuid = Field(description="The player's OneSignal id.")
    purchaseData: PurchaseData


@endpoint(onesignal, body=NewPurchase, success=envelope("new purchase added"))
def handler(received: EndpointInput[NewPurchase]) -> OutboundMessage:
    """`POST /players/{player_id}/on_purchase`."""
    data = received.body.purchaseData.model_dump(exclude_unset=True)
    return player_message(received.body.player_id, "on_purchase", data, account=received.account)
