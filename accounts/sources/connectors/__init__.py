"""The connectors, one file each; a new one is a file and a line here."""

from accounts.lib.registry import Registry
from accounts.sources.connectors.base import Connector
from accounts.sources.connectors.delimited_file import DelimitedFile
from accounts.sources.connectors.ldap import Ldap

connectors: Registry[Connector] = Registry("connector")
connectors.register("delimited_file", DelimitedFile())
connectors.register("ldap", Ldap())
