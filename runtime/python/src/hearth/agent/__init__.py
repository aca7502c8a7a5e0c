"""The process of a context: it talks to the server, and gives jobs to workers."""
