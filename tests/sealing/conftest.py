from tests.sealing.ring import ring as ring
