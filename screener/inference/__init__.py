"""The model folder and the network in it, run by LiteRT."""
