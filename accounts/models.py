"""All tables of this app, one slice a line."""

from accounts.audit.models import Event as Event
from accounts.authorization.models import LevelAssignment as LevelAssignment
from accounts.identities.models import Identity as Identity
from accounts.identities.models import Invitation as Invitation
from accounts.imports.models import ImportRun as ImportRun
from accounts.imports.models import Plan as Plan
from accounts.imports.models import PlannedChange as PlannedChange
from accounts.imports.models import RejectedRow as RejectedRow
from accounts.jobs.models import Job as Job
from accounts.jobs.models import Schedule as Schedule
from accounts.service_accounts.models import ServiceAccount as ServiceAccount
from accounts.sources.models import RemovedAccount as RemovedAccount
from accounts.sources.models import SchemaAttribute as SchemaAttribute
from accounts.sources.models import Source as Source
from accounts.sources.models import SourceAccount as SourceAccount
from accounts.sources.models import SourceSecret as SourceSecret
from accounts.tenant.models import TenantSetting as TenantSetting
