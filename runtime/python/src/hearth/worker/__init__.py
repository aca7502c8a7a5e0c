"""A process that runs jobs of one version of their code, one at a time."""
