"""What the numbers say: distances, choices."""
