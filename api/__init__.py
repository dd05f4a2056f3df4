"""The server: reads releases, and nothing else."""
