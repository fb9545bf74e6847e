"""Workspaces, their tokens and what they hold."""
