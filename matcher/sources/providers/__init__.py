"""Readers of registers and directories of providers, one module for each feed."""
