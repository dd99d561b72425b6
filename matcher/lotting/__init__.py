"""A need divided into lots: ways to split it, what each reaches, and who could work together."""
