"""The bench for generalisation: data, scoring, rows and what is written of them."""
