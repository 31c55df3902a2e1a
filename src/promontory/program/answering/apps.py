from django.apps import AppConfig


class AnsweringConfig(AppConfig):
    name = "promontory.program.answering"
    label = "answering"
    default_auto_field = "django.db.models.BigAutoField"
