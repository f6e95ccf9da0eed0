"""All tables of this app, one slice a line."""

from tokens.access_tokens.models import RevokedToken as RevokedToken
from tokens.access_tokens.models import TokenGeneration as TokenGeneration
from tokens.access_tokens.models import UsedAssertion as UsedAssertion
from tokens.apis.models import Api as Api
from tokens.apis.models import ApiScope as ApiScope
from tokens.credentials.models import Credential as Credential
from tokens.credentials.models import KeyPickup as KeyPickup
from tokens.credentials.models import Submission as Submission
from tokens.doors.rest.models import IdempotentCall as IdempotentCall
from tokens.doors.scim.models import ExternalId as ExternalId
from tokens.personal_access_tokens.models import TokenPickup as TokenPickup
from tokens.reminders.models import Letter as Letter
from tokens.reminders.models import NotedEnd as NotedEnd
from tokens.reminders.models import Reminder as Reminder
from tokens.signing.models import SigningKey as SigningKey
from tokens.usage.models import AccountUse as AccountUse
from tokens.usage.models import DailyUse as DailyUse
