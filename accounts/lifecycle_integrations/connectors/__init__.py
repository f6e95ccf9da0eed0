"""The kinds of applications whose accounts can be kept: one file and one line each."""

from accounts.lib.registry import Registry
from accounts.lifecycle_integrations.connectors.base import Connector
from accounts.lifecycle_integrations.connectors.scim import Scim

connectors: Registry[Connector] = Registry("life-cycle connector")
connectors.register("scim", Scim())
