"""What depends on a service account: the programs that use it, declared by whoever knows them."""
