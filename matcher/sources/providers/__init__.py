"""Registers and directories of providers, one file a feed."""
