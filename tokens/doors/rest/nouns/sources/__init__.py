from tokens.doors.rest.nouns.sources import accounts as accounts
from tokens.doors.rest.nouns.sources import attributes as attributes
from tokens.doors.rest.nouns.sources import details as details
from tokens.doors.rest.nouns.sources import reading as reading
from tokens.doors.rest.nouns.sources.base import noun as noun
