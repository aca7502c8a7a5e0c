"""Example jobs, one in each module."""
