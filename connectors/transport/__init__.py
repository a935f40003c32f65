"""Transport: the one owner of timeout, retry, waiting and pace, below both vendor libraries."""
