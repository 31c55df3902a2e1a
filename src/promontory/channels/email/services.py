"""The mail services: what each calls its settings, and how each says that a bounce is for good.

Amazon SES is used through its SMTP endpoint, by `smtp`: its API would need boto3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from promontory.channels.configuration import setting
from promontory.channels.contract import Callback, Capabilities, Forged
from promontory.channels.email.service import TWO_WAY, MailService, ServiceSettings


class Brevo(MailService):
    title = "Brevo"
    module, prefix = "brevo", "Brevo"

    @staticmethod
    def hard(raw: Any) -> bool | None:
        return raw.get("event") in {"hard_bounce", "invalid_email"}


class MailerSend(MailService):
    title = "MailerSend"
    module, prefix = "mailersend", "MailerSend"
    sends = {"api_key": "api_token"}
    hears = {"webhook_secret": "signing_secret"}
    carries_reference = False

    @staticmethod
    def hard(raw: Any) -> bool | None:
        return bool(raw.get("type") == "activity.hard_bounced")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailgunSettings(ServiceSettings):
    sender_domain: str = setting(
        "Sending domain", default="", help="If it is not the domain of the sender's address."
    )


class Mailgun(MailService):
    title = "Mailgun"
    settings_class = MailgunSettings
    capabilities = TWO_WAY
    module, prefix = "mailgun", "Mailgun"
    sends = {"api_key": "api_key", "sender_domain": "sender_domain"}
    hears = {"webhook_secret": "webhook_signing_key"}

    @staticmethod
    def hard(raw: Any) -> bool | None:
        return None if "event-data" not in raw else _mailgun_says_user_unknown(raw["event-data"])


def _mailgun_says_user_unknown(event: Any) -> bool | None:
    """Mailgun's "permanent" only means that it will not try again, so the reply decides."""
    if event.get("severity") != "permanent":
        return False
    code = (event.get("delivery-status") or {}).get("code")
    return True if code in {605, 550, 551, 553} else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailjetSettings(ServiceSettings):
    secret_key: str = setting("Secret key", secret=True)


class Mailjet(MailService):
    title = "Mailjet"
    settings_class = MailjetSettings
    capabilities = TWO_WAY
    module, prefix = "mailjet", "Mailjet"
    sends = {"api_key": "api_key", "secret_key": "secret_key"}

    @staticmethod
    def hard(raw: Any) -> bool | None:
        return bool(raw.get("hard_bounce"))


class Mailtrap(MailService):
    title = "Mailtrap"
    module, prefix = "mailtrap", "Mailtrap"
    sends = {"api_key": "api_token"}
    hears = {"webhook_secret": "tracking_secret"}

    @staticmethod
    def hard(raw: Any) -> bool | None:
        return bool(raw.get("event") == "bounce")


class Mandrill(MailService):
    title = "Mailchimp Transactional (Mandrill)"
    capabilities = TWO_WAY
    module, prefix = "mandrill", "Mandrill"
    hears = {"webhook_secret": "webhook_key"}
    combined = True

    @staticmethod
    def hard(raw: Any) -> bool | None:
        return bool(raw.get("event") == "hard_bounce")


class Postal(MailService):
    title = "Postal"
    capabilities = TWO_WAY
    module, prefix = "postal", "Postal"
    hears = {"webhook_secret": "webhook_key"}
    carries_reference = False


class Postmark(MailService):
    title = "Postmark"
    capabilities = TWO_WAY
    module, prefix = "postmark", "Postmark"
    sends = {"api_key": "server_token"}

    @staticmethod
    def hard(raw: Any) -> bool | None:
        return raw.get("Type") in {"HardBounce", "BadEmailAddress"}


class Resend(MailService):
    title = "Resend"
    module, prefix = "resend", "Resend"
    hears = {}

    @staticmethod
    def hard(raw: Any) -> bool | None:
        kind = ((raw.get("data") or {}).get("bounce") or {}).get("type")
        return kind == "Permanent" if kind else None

    def verify(self, callback: Callback) -> None:
        """Resend signs as Standard Webhooks do, under header names of its own."""
        from standardwebhooks import Webhook, WebhookVerificationError

        if not self.settings.webhook_secret:
            super().verify(callback)
        headers = {
            f"webhook-{part}": callback.header(f"svix-{part}")
            for part in ("id", "timestamp", "signature")
        }
        try:
            Webhook(self.settings.webhook_secret).verify(callback.body, headers)
        except (WebhookVerificationError, ValueError) as error:
            raise Forged("This call did not come from Resend.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalewaySettings(ServiceSettings):
    project_id: str = setting("Project id")
    region: str = setting("Region", default="fr-par")


class Scaleway(MailService):
    title = "Scaleway"
    settings_class = ScalewaySettings
    capabilities = Capabilities(
        channel="email", address="email", carries_scores=True, carries_html=True
    )
    module, prefix = "scaleway", "Scaleway"
    sends = {"api_key": "secret_key", "project_id": "project_id", "region": "region"}

    def verify(self, callback: Callback) -> None:
        """anymail reads no callbacks of Scaleway's; bounces come back as mail."""
        self._takes_none()


class SendGrid(MailService):
    title = "SendGrid"
    module, prefix = "sendgrid", "SendGrid"
    hears = {"webhook_secret": "tracking_webhook_verification_key"}

    @staticmethod
    def hard(raw: Any) -> bool | None:
        # "blocked" is the receiver's refusal of us or of this mail, not of the address.
        return False if raw.get("type") == "blocked" else None


class SparkPost(MailService):
    title = "SparkPost"
    capabilities = TWO_WAY
    module, prefix = "sparkpost", "SparkPost"

    @staticmethod
    def hard(raw: Any) -> bool | None:
        event: Any = next(iter((raw.get("msys") or {}).values()), {})
        return str(event.get("bounce_class", "")) in {"10", "30"}


class UnisenderGo(MailService):
    title = "Unisender Go"
    module, prefix = "unisender_go", "UnisenderGo"
    hears = {"api_key": "api_key"}

    @staticmethod
    def hard(raw: Any) -> bool | None:
        delivery = (raw.get("delivery_info") or {}).get("delivery_status")
        return delivery in {"err_user_unknown", "err_user_inactive", "err_domain_inactive"}

    def verify(self, callback: Callback) -> None:
        """It signs with the API key itself, so that nothing else has to be set."""
        self._check(callback)


SERVICES: dict[str, type[MailService]] = {
    "brevo": Brevo,
    "mailersend": MailerSend,
    "mailgun": Mailgun,
    "mailjet": Mailjet,
    "mailtrap": Mailtrap,
    "mandrill": Mandrill,
    "postal": Postal,
    "postmark": Postmark,
    "resend": Resend,
    "scaleway": Scaleway,
    "sendgrid": SendGrid,
    "sparkpost": SparkPost,
    "unisender_go": UnisenderGo,
}
