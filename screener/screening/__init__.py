"""From a folder of studies to a ledger of outcomes, and from there to the reports."""
