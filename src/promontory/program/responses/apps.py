from django.apps import AppConfig


class ResponsesConfig(AppConfig):
    name = "promontory.program.responses"
    label = "responses"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from promontory.program.ledger import hooks
        from promontory.program.responses import checks
        from promontory.program.responses.actions.erasing import forget_person

        hooks.erasers.add("responses", forget_person)
        hooks.projections.add(
            "responses", hooks.Projection(check=checks.check, unaccounted=checks.unaccounted)
        )
        hooks.personal_values.add("responses", checks.personal_values)
