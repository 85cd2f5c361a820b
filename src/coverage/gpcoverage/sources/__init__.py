"""Files from the internet: where they are and how they are fetched. Nothing else goes online."""
