from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "console"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.audit.csv_list import SENTENCE, wording
        from accounts.identities.notices import postmen
        from accounts.imports.scheduled import TELL_OWNER
        from accounts.jobs.actions import carry_by
        from accounts.jobs.kinds import kinds as job_kinds
        from accounts.mail_templates.kinds import kinds as mails
        from accounts.sealing.places import places
        from console import checks  # noqa: F401  importing it registers the checks
        from console.credentials import jobs
        from console.inbox.mail import KINDS as INBOX_MAILS
        from console.jobs.tasks import carry
        from console.mail.aggregations import KINDS as AGGREGATION_MAILS
        from console.mail.aggregations import TellOwner
        from console.mail.jobs import KIND as MAIL_INVITATIONS
        from console.mail.jobs import MailInvitations, MailPostman
        from console.mail.texts import KINDS
        from console.reminders import jobs as reminders
        from console.requests.mail import KINDS as REQUEST_MAILS
        from console.sign_in.jobs import CONTEXT
        from console.sign_in.sealed import TypedPlace
        from console.takeovers.mail import KINDS as TAKEOVER_MAILS
        from console.trusted_sessions.mail import KINDS as TRUSTED_SESSION_MAILS
        from console.ui.sentences import sentence
        from console.vault.mail import KINDS as VAULT_MAILS
        from tokens.credentials.pickups import announcers
        from tokens.reminders.actions import carriers

        wording.register(SENTENCE, sentence)
        places.register(CONTEXT, TypedPlace())
        announcers.register("mail", jobs.announce)
        postmen.register("mail", MailPostman())
        job_kinds.register(MAIL_INVITATIONS, MailInvitations())
        carriers.register("mail", reminders.carry)
        job_kinds.register(TELL_OWNER, TellOwner())
        others = REQUEST_MAILS | TAKEOVER_MAILS | VAULT_MAILS | INBOX_MAILS | TRUSTED_SESSION_MAILS
        for name, kind in (KINDS | AGGREGATION_MAILS | others).items():
            mails.register(name, kind)
        carry_by(carry)
