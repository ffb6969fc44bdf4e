"""The page of the database: sessions, who blocks whom."""
