"""From a radiograph to the square that the network sees: resized by area, then equalised (CLAHE)."""
