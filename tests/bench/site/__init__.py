"""A Jira and a GitLab of any size on loopback, in a process of their own: what the benchmarks pull from. Its records are functions of their number, so none is held."""
