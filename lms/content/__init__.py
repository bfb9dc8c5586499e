"""Markdown and YAML in, immutable releases out."""
