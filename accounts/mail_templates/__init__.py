"""The texts of mails, as administrators word them: plain text with named placeholders."""
