"""Background jobs at work: how they reach the worker, and the sweep that loses none of them."""
