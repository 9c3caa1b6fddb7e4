"""The last room: worklist rows and totals become the CSV, the JSON and the PDF."""
