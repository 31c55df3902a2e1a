from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "promontory.program.customers"
    label = "customers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from promontory.program.customers.actions import forget_person
        from promontory.program.ledger import hooks

        hooks.erasers.add("customers", forget_person)
