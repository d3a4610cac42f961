"""Figures of an evaluation by condition: how pictures are degraded, and who is in them."""
