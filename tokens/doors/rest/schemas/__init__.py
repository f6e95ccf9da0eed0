"""What our REST API reads and answers, one file a noun."""
