"""Messages that come in from outside: by the webhooks of providers, by LMTP and by SMTP."""
