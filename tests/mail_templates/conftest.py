from tests.identities.conftest import mails as mails
