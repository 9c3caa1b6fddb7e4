"""What Screener writes into the header of every result object, by which it knows its own work again.

Archives rewrite the file meta group, so one mark stands there and two in the data set.
"""

CREATOR_UID = "2.25.277361951604849127313676817108885679127"
"""Instance Creator UID (0008,0014) of every result."""
RESULT_VERSION_NAME = "SCREENER_RESULT"
"""Implementation Version Name (0002,0013) of a result as it was written; images that pass by have another."""
IMPLEMENTATION_UID = "2.25.156137117825149378978353424577624603874"
"""Implementation Class UID (0002,0012) of whatever Screener writes or says in a DICOM association."""
IMAGE_TYPE = "SCREENER"
"""Value 4 of Image Type (0008,0008) of a result that is a picture."""
