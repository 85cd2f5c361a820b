"""The questions: who can choose, what a closure changes, where a clinic should be."""
