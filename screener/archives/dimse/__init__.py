"""DIMSE, the older way into archives, by pynetdicom: its one home, and what the extra [pacs] brings."""
