"""The first page, and what an installation says about itself."""
