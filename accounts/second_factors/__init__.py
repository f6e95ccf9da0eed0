"""Second factors: authenticator apps, passkeys and recovery codes, and who must have one."""
