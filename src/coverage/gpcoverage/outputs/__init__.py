"""What people see: maps, tables, summaries. Only this floor and the command line write files."""
