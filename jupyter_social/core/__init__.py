"""What every wing stands on: people, permissions, operations, the database and its journal."""
