"""Figures: how fast, measured by what users do."""
