"""What means what: the mapping file, links, scope, statuses, people and calendar; pure but for the loader."""
