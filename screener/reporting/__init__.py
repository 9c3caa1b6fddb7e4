"""From the ledger to lists and reports, now or again later; readers' marks back into it."""
