from django.apps import AppConfig


class TokensConfig(AppConfig):
    name = "tokens"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.bundles.parts import parts
        from accounts.identities.resetting import forgotten
        from accounts.integrations.policies import scope_checks as needed_scopes
        from accounts.jobs.kinds import kinds
        from accounts.requests.kinds.base import kinds as request_kinds
        from accounts.sealing.places import places
        from accounts.service_accounts.policies import scope_checks
        from accounts.takeovers.hands import followers
        from tokens.access_tokens import lifetimes as access_tokens
        from tokens.apis.bundles import Apis
        from tokens.credentials.asked_for import NAME, NewCredential
        from tokens.doors.ping import document as ping
        from tokens.doors.rest.document import openapi
        from tokens.doors.sailpoint import document as sailpoint
        from tokens.doors.servicenow import document as servicenow
        from tokens.explorer.documents import Namespace, namespaces
        from tokens.oauth import client_auth
        from tokens.personal_access_tokens import handover, lifetimes
        from tokens.provisioning.handover import follow_hands as follow_provisioning
        from tokens.reminders import jobs
        from tokens.scopes.coverage import check_assignable, check_given
        from tokens.service_accounts.actions import follow_hands
        from tokens.signing.sealed import SIGNING_KEYS

        parts.register("apis", Apis())
        places.register(SIGNING_KEYS.table, SIGNING_KEYS)
        client_auth.register()
        access_tokens.register()
        lifetimes.register()
        forgotten.register(handover.RESET_COUNT, handover.forget)
        scope_checks.register("catalogue", check_given)
        needed_scopes.register("catalogue", check_assignable)
        request_kinds.register(NAME, NewCredential())
        followers.register("keys_and_tokens", follow_hands)
        followers.register("provisioning_tokens", follow_provisioning)
        kinds.register(jobs.KIND, jobs.FindReminders())
        namespaces.register("steward", Namespace("Steward", ("v1",), lambda _only: openapi()))
        namespaces.register(
            "sailpoint", Namespace("SailPoint", sailpoint.VERSIONS, sailpoint.document)
        )
        namespaces.register(
            "servicenow", Namespace("ServiceNow", servicenow.VERSIONS, servicenow.document)
        )
        namespaces.register("ping", Namespace("PingOne", ping.VERSIONS, ping.document))
