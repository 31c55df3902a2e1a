from django.apps import AppConfig


class OrganizationConfig(AppConfig):
    name = "promontory.program.organization"
    label = "organization"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from promontory.program.ledger import hooks
        from promontory.program.organization import checks

        hooks.projections.add(
            "organization", hooks.Projection(check=checks.check, unaccounted=checks.unaccounted)
        )
