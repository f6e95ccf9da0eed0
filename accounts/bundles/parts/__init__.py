"""The kinds of things that move, one file each, registered here in the order they come in."""

from __future__ import annotations

from accounts.bundles.parts.base import Part
from accounts.bundles.parts.identity_attributes import IdentityAttributes
from accounts.bundles.parts.mail_templates import MailTemplates
from accounts.bundles.parts.profiles import Profiles
from accounts.bundles.parts.sources import Sources
from accounts.bundles.parts.transforms import Transforms
from accounts.lib.registry import Registry

parts: Registry[Part] = Registry("part of a configuration")

parts.register("identity_attributes", IdentityAttributes())
parts.register("transforms", Transforms())
parts.register("sources", Sources())
parts.register("identity_profiles", Profiles())
parts.register("mail_templates", MailTemplates())
