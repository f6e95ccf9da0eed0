"""Local vaults: their keys are made and kept in browsers, and the server stores ciphertext only.

What is protected, and from whom. Each trusted session (see `accounts.trusted_sessions`) has an ECDH
key on P-256 whose private half cannot be exported from its browser. A local vault has a random
AES-256-GCM key, made in a browser. It comes here wrapped for one recipient at a time (a trusted
session, or a recovery key): an ephemeral ECDH key, HKDF-SHA-256 with vault, version, recipient and
person as its info, AES-GCM. Passwords, authenticator keys, backup codes, notes and custom fields
are AES-GCM under the vault key; vault, account, field, serial number and key version are the
associated data, so that none opens in the place of another, nor an old one as a newer.

Against an honest but curious server and a stolen database that holds: neither has a key. The label,
application, username and collection of an account are not encrypted, nor is who shares it.

A recipient's public key comes from the server, so people compare 24 digits of it in both browsers
before one wraps for the other. Who wrapped it endorses it with an HMAC under the vault key; when a
key is replaced it is wrapped for endorsed recipients alone, so that a server cannot slip one in.

Not against a server that ships other JavaScript, which could read what the page reads; nor against
what runs in the browser of somebody who has the key. Removing a session or a member takes away
nothing that was read before: the next write uses a new vault key, which the removed one never gets,
and what was written before should be replaced in its application.
"""
