"""What a worklist in order of suspicion would change at a site: a queue of readers, simulated."""
