"""Whether images, scores or readers have changed against a baseline of the same site."""
