"""The database: how it is opened, its tables, the statements that every act passes."""
