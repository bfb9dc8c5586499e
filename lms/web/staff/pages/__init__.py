"""What the templates of this door show, prepared as small values: templates decide nothing."""
