from django.apps import AppConfig


class TokensConfig(AppConfig):
    name = "tokens"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.jobs.kinds import kinds
        from accounts.service_accounts.policies import scope_checks
        from tokens.reminders import jobs
        from tokens.scopes.coverage import check_assignable

        scope_checks.register("catalogue", check_assignable)
        kinds.register(jobs.KIND, jobs.FindReminders())
