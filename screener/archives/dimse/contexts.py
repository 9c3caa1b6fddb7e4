"""What associations are about: SOP classes and transfer syntaxes. The conformance statement prints them."""

IMAGES = {
    "1.2.840.10008.5.1.4.1.1.1": "Computed Radiography Image Storage",
    "1.2.840.10008.5.1.4.1.1.1.1": "Digital X-Ray Image Storage - For Presentation",
    "1.2.840.10008.5.1.4.1.1.7": "Secondary Capture Image Storage",
}
"""What is accepted: nothing that Screener itself publishes by default. Secondary captures are images that
were digitised; 'scan' knows Screener's own by their marks."""

TRANSFER_SYNTAXES = {
    "1.2.840.10008.1.2.1": "Explicit VR Little Endian",
    "1.2.840.10008.1.2": "Implicit VR Little Endian",
    "1.2.840.10008.1.2.4.50": "JPEG Baseline (Process 1)",
    "1.2.840.10008.1.2.4.51": "JPEG Extended (Process 2 and 4)",
    "1.2.840.10008.1.2.4.57": "JPEG Lossless, Non-Hierarchical (Process 14)",
    "1.2.840.10008.1.2.4.70": "JPEG Lossless, Non-Hierarchical, First-Order Prediction",
    "1.2.840.10008.1.2.4.80": "JPEG-LS Lossless",
    "1.2.840.10008.1.2.4.81": "JPEG-LS Lossy (Near-Lossless)",
    "1.2.840.10008.1.2.4.90": "JPEG 2000 (Lossless Only)",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
    "1.2.840.10008.1.2.4.201": "High-Throughput JPEG 2000 (Lossless Only)",
    "1.2.840.10008.1.2.4.202": "High-Throughput JPEG 2000 with RPCL Options (Lossless Only)",
    "1.2.840.10008.1.2.4.203": "High-Throughput JPEG 2000",
    "1.2.840.10008.1.2.5": "RLE Lossless",
    "1.2.840.10008.1.2.2": "Explicit VR Big Endian",
}
"""What 'scan' decodes, but the deflated syntax, whose data set can inflate without end."""

VERIFICATION = "1.2.840.10008.1.1"
FIND = "1.2.840.10008.5.1.4.1.2.2.1"  # Study Root Query/Retrieve
MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
COMMITMENT = "1.2.840.10008.1.20.1"  # Storage Commitment Push Model

_EXPLICIT, _JPEG = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.50"
REPORT = "1.2.840.10008.5.1.4.1.1.88.34"
STORED = {
    REPORT: ("Comprehensive 3D SR Storage", _EXPLICIT),
    "1.2.840.10008.5.1.4.1.1.104.1": ("Encapsulated PDF Storage", _EXPLICIT),
    "1.2.840.10008.5.1.4.1.1.7": ("Secondary Capture Image Storage", _JPEG),
    "1.2.840.10008.5.1.4.1.1.11.1": ("Grayscale Softcopy Presentation State Storage", _EXPLICIT),
    "1.2.840.10008.5.1.4.1.1.88.59": ("Key Object Selection Document Storage", _EXPLICIT),
}
"""What publish can store, each with its transfer syntax."""
