"""The authors' door: the tree, the editor, releases."""
