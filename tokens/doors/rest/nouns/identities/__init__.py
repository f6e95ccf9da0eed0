from tokens.doors.rest.nouns.identities import details as details
from tokens.doors.rest.nouns.identities import invited as invited
from tokens.doors.rest.nouns.identities import lifecycle as lifecycle
from tokens.doors.rest.nouns.identities import several as several
from tokens.doors.rest.nouns.identities.base import noun as noun
