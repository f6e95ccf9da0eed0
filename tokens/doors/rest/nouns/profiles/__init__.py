from tokens.doors.rest.nouns.profiles import details as details
from tokens.doors.rest.nouns.profiles import exceptions as exceptions
from tokens.doors.rest.nouns.profiles import lifecycle_states as lifecycle_states
from tokens.doors.rest.nouns.profiles import mappings as mappings
from tokens.doors.rest.nouns.profiles import processings as processings
from tokens.doors.rest.nouns.profiles.base import noun as noun
