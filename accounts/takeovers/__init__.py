"""Service accounts that change hands: their owner left, or hands them over."""
