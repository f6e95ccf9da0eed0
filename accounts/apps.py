from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        self._register_jobs()
        self._register_the_rest()

    @staticmethod
    def _register_jobs() -> None:
        from accounts.audit.proof import jobs as proof
        from accounts.identities import inviting
        from accounts.imports.jobs import ApplyImport, PlanImport
        from accounts.imports.scheduled import ReadSource
        from accounts.jobs.kinds import kinds
        from accounts.profiles.processing.jobs import ApplyProcessing, PlanProcessing
        from accounts.profiles.processing.scheduled import Refresh
        from accounts.requests.jobs import CarryOut
        from accounts.requests.moves import CARRY_OUT
        from accounts.sign_in import jobs as sign_in
        from accounts.sources.jobs import RemoveAccounts
        from accounts.sources.schedules import KIND

        kinds.register(inviting.KIND, inviting.InviteIdentities())
        proof.register()
        kinds.register("import.plan", PlanImport())
        kinds.register("import.apply", ApplyImport())
        kinds.register(KIND, ReadSource())
        kinds.register("source.remove_accounts", RemoveAccounts())
        kinds.register("identity_processing.plan", PlanProcessing())
        kinds.register("identity_processing.apply", ApplyProcessing())
        kinds.register("identity_processing.refresh", Refresh())
        kinds.register(CARRY_OUT, CarryOut())
        kinds.register(sign_in.KIND, sign_in.FindOldPasswords())

    @staticmethod
    def _register_the_rest() -> None:
        from accounts.groups.giving import gifts
        from accounts.identities.policies import owned_fields
        from accounts.identities.resetting import forgotten
        from accounts.inbox import domain
        from accounts.profiles.policies import mapped_fields, profile_of_source
        from accounts.requests import delegating, waiting
        from accounts.requests import kinds as request_kinds
        from accounts.sealing import everywhere as sealing
        from accounts.service_accounts import obligatory
        from accounts.sign_in_providers import linking
        from accounts.sources.policies import uses
        from accounts.takeovers.hands import followers
        from accounts.takeovers.manager import follow_owner
        from accounts.trusted_sessions import actions as trusted_sessions
        from accounts.vault import of_groups

        sealing.register()
        request_kinds.register()
        obligatory.register()
        domain.register()
        forgotten.register("delegations_ended", delegating.forget)
        forgotten.register("trusted_sessions_removed", trusted_sessions.forget)
        forgotten.register("sso_links_ended", linking.forget)
        followers.register("requests", waiting.follow_hands)
        followers.register("managers", follow_owner)
        owned_fields.register("identity_profile", mapped_fields)
        gifts.register("stored_accounts", of_groups.GIFT)
        uses.register("identity_profile", profile_of_source)
