from django.apps import AppConfig


class ServerConfig(AppConfig):
    name = "promontory.server"
    label = "server"
