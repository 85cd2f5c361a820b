"""What ``data/build_example.py`` runs: the model behind the example's derived tables."""
