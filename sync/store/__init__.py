"""The store: the only home of SQLAlchemy and Alembic. SQL is kept to what SQLite and PostgreSQL both run."""
