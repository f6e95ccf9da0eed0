"""Mail that waits to be sent: written with what it tells of, sent by the worker, tried again."""
