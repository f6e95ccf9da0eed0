from tests.oauth.conftest import holder as holder
from tests.oauth.conftest import made as made
