from django.apps import AppConfig


class FollowupConfig(AppConfig):
    name = "promontory.program.followup"
    label = "followup"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from promontory.program.followup.actions import forget_person
        from promontory.program.ledger import hooks

        hooks.erasers.add("followup", forget_person)
