"""DICOM headers: opened, read, understood, and judged eligible or not."""
