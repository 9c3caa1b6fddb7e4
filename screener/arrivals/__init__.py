"""How images arrive: pulled from an archive or received from a sender, into the folder that 'scan' reads."""
