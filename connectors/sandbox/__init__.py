"""A Jira and a GitLab on loopback with a believable company inside."""
