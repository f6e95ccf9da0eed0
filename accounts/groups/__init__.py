"""Groups: who belongs to them and until when, and the roles that their members inherit."""
