"""Who uses which key and scope, from where and how often: aggregated by day."""
