"""Files made to harm, and proof that each costs itself alone."""
