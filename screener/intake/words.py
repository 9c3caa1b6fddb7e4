"""The words in which vendors and technologists name body parts and views, in several languages."""

import re
import unicodedata
from enum import StrEnum

_CHEST = re.compile(
    r"(?<!OR)CHEST|THORAX|THORAC|TORAX|TORACE|TORACIC|TORAKS|CXR|PULMO|POUMON|BRUSTKORB|KLATKA|KLATKI|HRUDNIK"
    r"|\bTHO\b|\bLUNGS?\b|\bLUNGE|\bLONGEN\b|ГРУДН|ЛЕГКИ|ОГК|胸|흉부"
)
_SPINE = re.compile(
    r"(THORAC\w*|TORAC\w*|DORSAL|CERVICAL|LUMBAR|LUMBO\w*)\W*(SPINE|VERTEB\w*|COLUMN\w*|RACHIS|WIRBEL\w*|ПОЗВОН\w*)"
    r"|(SPINE|COLUMNA?|RACHIS|WIRBEL\w*)\W*(THORAC\w*|TORAC\w*|DORSAL\w*|CERVICAL|LUMBAR)|BRUSTWIRBEL\w*|\bBWS\b"
)
_OTHER = re.compile(
    r"\b(HANDS?|WRISTS?|FINGERS?|THUMBS?|ELBOWS?|FOREARMS?|HUMERUS|SHOULDERS?|CLAVICLES?|SCAPULA|KNEES?|LEGS?"
    r"|ANKLES?|FOOT|FEET|TOES?|FEMUR|TIBIA|FIBULA|CALCANEUS|HIPS?|PELVIS|ABDOMEN|KUB|SKULL|SINUS(ES)?|TEETH|DENTAL"
    r"|PANORAMIC|JAW|MANDIBLE|[CTL]-?SPINE|SPINE|SACRUM|COCCYX|EXTREMITY|BREASTS?|MAMMO\w*|MANO|PIE|RODILLA|HOMBRO"
    r"|CADERA|MUNECA|GENOU|EPAULE|HANCHE|KNIE|SCHULTER|HUFTE|BECKEN|ABDOME|RIBS?)\b"
)
_UNSAID = frozenset(
    ("", "UNKNOWN", "UNDEFINED", "UNSPECIFIED", "OTHER", "DEFAULT", "NONE", "N A", "NA", "ANY")
)

_AP = re.compile(r"\b(A ?P|ANTERO ?POSTERIOR|ANTEROPOST\w*)\b")
_PA = re.compile(r"\b(P ?A|POSTERO ?ANTERIOR|POSTEROANT\w*|DORSO ?VENTRAL|DORSOVENTRAL)\b")
_FRONTAL = re.compile(r"\b(FRONTAL\w*|FRENTE|FRONT|DE FACE|FACE|ПРЯМ\w*)\b")
_LATERAL = re.compile(
    r"\b([LR] ?LAT|LAT[LR]?|LATERAL(E|ES|IS|LY)?|LATERAAL|LATERO\w*|LL|RL|PROFIL|PERFIL|SEITLICH|BOCZN\w*|BOK"
    r"|БОКОВ\w*|側面)\b"
)
_OBLIQUE = re.compile(
    r"\b(OBLIQUES?|OBL|OBLIQU[AO]|SCHRAG|LLO|RLO|LAO|RAO|LPO|RPO|DECUB\w*|LLD|RLD|AXIAL|TANGENTIAL)\b"
)


class Subject(StrEnum):
    """What body part a phrase names."""

    CHEST = "chest"
    OTHER = "other"


class View(StrEnum):
    """What view a phrase names; FRONTAL where it does not say from which side."""

    PA = "PA"
    AP = "AP"
    FRONTAL = "FRONTAL"
    LATERAL = "LATERAL"  # or oblique, or decubitus


def plain(text: str) -> str:
    """Return words in upper case, without accents, parted by spaces: "Tórax_PA." becomes "TORAX PA"."""
    decomposed = unicodedata.normalize("NFKD", text.upper())
    bare = "".join(each for each in decomposed if not unicodedata.combining(each))
    return " ".join(re.sub(r"[\W_]+", " ", bare).split())


def subject(text: str) -> Subject | None:
    """Return what body part a phrase names: the chest, if it is among several; None if it names none."""
    words = plain(text)
    without_spine = _SPINE.sub(" SPINE ", words)
    if _CHEST.search(without_spine):
        return Subject.CHEST
    return Subject.OTHER if _OTHER.search(without_spine) else None


def other_word(text: str) -> str:
    """Return the word by which a phrase names another body part than the chest, empty if none."""
    found = _SPINE.search(plain(text)) or _OTHER.search(plain(text))
    return found.group() if found else ""


def says_nothing(text: str) -> bool:
    """Return whether a value is there only to fill its field."""
    return plain(text) in _UNSAID


def view(text: str) -> View | None:
    """Return the view that a tag names; oblique and decubitus ones are no frontal views."""
    if _OBLIQUE.search(plain(text)):
        return View.LATERAL
    return described_view(text)


def described_view(text: str) -> View | None:
    """Return the view that a description names: the frontal one if it names both, as that of a study may."""
    words = plain(text)
    if _PA.search(words):
        return View.PA
    if _AP.search(words):
        return View.AP
    if _FRONTAL.search(words):
        return View.FRONTAL
    return View.LATERAL if _LATERAL.search(words) or _OBLIQUE.search(words) else None
