"""Learns from past decisions and measures; never serves."""
