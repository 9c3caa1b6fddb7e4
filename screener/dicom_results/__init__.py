"""Results as DICOM objects: structured report, PDF, capture, presentation state, rejection note.

Each is a function of a study's result and of the header of its image: the same two give the same bytes.
"""
