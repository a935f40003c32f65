"""The GitLab connector."""
