"""The database: opening it, its tables, the SQL that every act passes through, migrations."""
