"""From labelled images to a model folder. TensorFlow loads here, inside the functions that need it."""
