"""What people see, and what may be told: maps, tables, summaries."""
