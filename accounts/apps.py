from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.imports.jobs import ApplyImport, PlanImport
        from accounts.jobs.kinds import kinds
        from accounts.sources.jobs import RemoveAccounts

        kinds.register("import.plan", PlanImport())
        kinds.register("import.apply", ApplyImport())
        kinds.register("source.remove_accounts", RemoveAccounts())
