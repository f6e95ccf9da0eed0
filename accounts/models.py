"""All tables of this app, one slice a line."""

from accounts.audit.models import Event as Event
from accounts.authorization.models import LevelAssignment as LevelAssignment
from accounts.identities.models import Identity as Identity
from accounts.identities.models import Invitation as Invitation
from accounts.jobs.models import Job as Job
from accounts.jobs.models import Schedule as Schedule
from accounts.service_accounts.models import ServiceAccount as ServiceAccount
from accounts.tenant.models import TenantSetting as TenantSetting
