"""The small languages that stand in the attributes of transforms, each read into closures."""
