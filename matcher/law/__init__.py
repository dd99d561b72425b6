"""What may lawfully count: the rulebook as data, and the gate that applies it."""
