"""How Alembic reaches the database: over the connection that `upgrade` opened."""

from alembic import context

from genasset.db.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
