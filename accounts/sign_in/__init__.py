"""Second factors, the age of passwords and the length of sessions, as the tenant asks for them."""
