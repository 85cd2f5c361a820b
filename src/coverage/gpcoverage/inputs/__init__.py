"""Tables and layers as analysts bring them, read, checked and told apart."""
