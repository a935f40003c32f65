"""Queue: the work of a tick in parts that any number of workers on any number of machines share, over one PostgreSQL."""
