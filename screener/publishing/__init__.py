"""Results of a ledger's runs, brought to an archive: which studies, in which words, and what it answers."""
