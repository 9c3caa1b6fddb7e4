"""From stored values to the grey levels that a radiologist sees: PS3.3 C.11.1, C.11.2, PS3.4 N.2."""
