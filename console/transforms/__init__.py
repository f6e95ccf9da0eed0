"""The library of transforms: list, editor with a tester beside it, import and export."""
