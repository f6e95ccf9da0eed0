"""The pages on which administrators word the mails that go out."""
