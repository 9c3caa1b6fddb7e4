"""PACS archives: DICOMweb and DIMSE, as Screener asks them and is asked by them."""
