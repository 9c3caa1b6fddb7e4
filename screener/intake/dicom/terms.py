"""The words in which vendors and technologists name body parts and views, in several languages."""

import re
import unicodedata
from enum import StrEnum

_CHEST = re.compile(
    # as parts of words
    r"(?<!OR)CHEST|CHST|THORAX|THORAC|THORAK|TORAX|TORACE|TORACIC|TORAKS|TORAKAL|CXR|PULMO|PULMA|POUMON|POLMON"
    r"|BRUSTKORB|BRUSTRAUM|BORSTKAS|BROSTKORG|BRYSTKASSE|KLATKA|KLATKI|HRUDNIK|HRUDNI KOS|MELLKAS"
    r"|AKCIGER|GOGUS|PLAMAN|KEUHKO|RINTAKEH|POITRINE"
    # as words: they begin others, or are short
    r"|\bTHO\b|\bTHX\b|\bLUNGS?\b|\bLUNGE|\bLUNGOR|\bLUNGER\b|\bLONGEN\b|\bPECHO\b|\bPEITO\b|\bPLICE\b|\bPLUC"
    r"|\bPLJUC|\bPRSNI KOS\b|\bGRUDNI KOS\b|\bPARU\b|\bDADA\b|\bNGUC\b|\bPHOI\b|\bPULM\b"
    r"|ГРУДН|ГРУДИ|ГРЪД|ЛЕГКИ|ЛЕГЕН|ОГК|БЯЛ ДРОБ|ΘΩΡΑΚ|ΠΝΕΥΜΟΝ|חזה|صدر|胸|肺|흉부|가슴|ทรวงอก|ปอด|छ ?त"
)
# Adjectives only: TORACE and TORAKS are the chest itself. Where the noun comes first the adjective follows:
# in "RADIOGRAPHIE THORACIQUE, RACHIS LOMBAIRE" the chest is not that of a spine.
_BEFORE_SPINE = r"(T?H?ORA[CK](IC|AL\w*)|DORSAL\w*|[CZ]ERVI[CK]AL\w*|LUMBA[RL]\w*|BRUST|ГРУДН\w*( ОТДЕЛ\w*)?)"
_AFTER_SPINE = (
    r"((T?H?ORA[CK](IC|IQUE|AL)|DORSA|[CZ]ERVI[CK]A|LUMBA|LUMBO|LOMBA|LOMBO|PIERSIOW)\w*|ГРУДН\w*\b(?! КЛЕТ))"
)
_COLUMN = (
    r"(SPINE|VERTEB\w*|COLUMNA?|COLUMNS|COLUNA|COLONN[AE]|RACHIS|RACHIDE|WIRBEL\w*|WERVEL\w*"
    r"|WS|KREGOSLUP\w*|ПОЗВОН\w*)"
)
_SPINE = re.compile(
    rf"\b{_BEFORE_SPINE} ?{_COLUMN}\b|\b{_COLUMN} {_AFTER_SPINE}|\bBWS\b"
    r"|\b([CZ]ERVI[CK]O) ?(DORSA|T?H?ORA[CK])\w*|\b(T?H?ORA[CK]O|DORSO) ?(LUMBA|LOMBA)\w*"
)
_OTHER = re.compile(
    r"\b(HANDS?|WRISTS?|FINGERS?|THUMBS?|ELBOWS?|FOREARMS?|HUMERUS|SHOULDERS?|CLAVICLES?|SCAPULA|KNEES?|LEGS?"
    r"|ANKLES?|FOOT|FEET|TOES?|FEMUR|TIBIA|FIBULA|CALCANEUS|HIPS?|PELVIS|ABDOMEN|KUB|SKULL|SINUS(ES)?|TEETH|DENTAL"
    r"|PANORAMIC|JAW|MANDIBLE|[CTL]-?SPINE|SPINE|SACRUM|COCCYX|EXTREMITY|BREASTS?|MAMMO\w*|MANO|RODILLA|HOMBRO"
    r"|(?<!DE )(?<!EN )PIE"  # de pie: standing
    r"|CADERA|MUNECA|GENOU|EPAULE|HANCHE|KNIE|SCHULTER|HUFTE|BECKEN|ABDOME"
    # ribs: exposed for bone and turned; where the chest is named too, it is a chest
    r"|RIBS?|RIPPEN?\w*|RIBBEN|COTES|GRIL COSTAL|COSTILLAS?|COSTELAS?|ARCOS COSTAIS|COSTE|ZEBRA|ZEBER)\b"
)
# As a body part any other word than these names none, and the picture decides: hence the list is long. A
# description names a part only by a word above: "head" may be that of the bed, "face" is French for frontal.
_OTHER_PARTS = re.compile(
    r"\b(CARPUS|PHALAN\w*|METACARP\w*|SCAPHOID|ARMS?|UPPER ?ARM|RADIUS|ULNA|SCAPULAE?|PATELLA|LOWER ?LEG"
    r"|THIGHS?|CALF|HEEL|METATARS\w*|TARSUS|TARSAL|FEMORA|PELVIC|GROIN|BUTTOCKS?|ILIUM|UPPER ?LIMB"
    r"|LOWER ?LIMB|LIMBS?|JOINTS?|ABDOMINAL|ABD|STOMACH|COLON|BOWEL|INTESTINE|DUODENUM|JEJUNUM|ILEUM"
    r"|LIVER|KIDNEYS?|BLADDER|GALL ?BLADDER|SPLEEN|PANCREAS|RECTUM|ANUS|UTERUS|CERVIX|OVARY|TESTIS"
    r"|SCROTUM|PENIS|PROSTATE|RETROPERITONEUM|OESOPHAGUS|ESOPHAGUS|HEAD|CRANIUM|CRANIAL|BRAIN|FACE"
    r"|FACIAL|ORBITS?|EYES?|EARS?|MASTOIDS?|NOSE|NASAL|MOUTH|TONGUE|TOOTH|MAXILLA|TMJ|ZYGOMA|NECK|LARYNX"
    r"|PHARYNX|NASOPHARYNX|THYROID|[CTLS]SPINE|LUMBAR|CERVICAL|SACROILIAC|SI|EXTREMITIES|UP EXM|STERNUM"
    r"|AXILLA|AORTA|ARTERY|VEIN|(WHOLE|ENTIRE) ?BODY|WHOLEBODY|SKELETON|PHANTOM"
    # Spanish, Portuguese, Italian, French
    r"|MANOS|MAO|MAIN|PUNHO|POLSO|POIGNET|DEDOS?|DOIGT|CODO|COTOVELO|GOMITO|COUDE|OMBRO|SPALLA|BRAZO"
    r"|ANTEBRAZO|PES|PIEDE|PIED|TOBILLO|TORNOZELO|CAVIGLIA|CHEVILLE|JOELHO|GINOCCHIO|PIERNA|PERNA|GAMBA"
    r"|JAMBE|CUISSE|QUADRIL|ANCA|PELVE|BACINO|BASSIN|ADDOME|CRANEO|CRANIO|CRANE|CUELLO|PESCOCO|COLLO|COU"
    r"|COLUMNA|COLUNA|COLONNA|RACHIS|SEIOS|MANDIBULA"
    # German, Dutch, Scandinavian
    r"|HANDGELENK|ELLENBOGEN|OBERARM|UNTERARM|SCHOUDER|KNIEGELENK|FUSS|FUSSGELENK|SPRUNGGELENK|VOET|ENKEL"
    r"|BEIN|UNTERSCHENKEL|OBERSCHENKEL|HEUP|HUE?FTE|BEKKEN|SCHAE?DEL|SCHEDEL|HALS|HALSWIRBEL\w*|HWS"
    r"|LENDENWIRBEL\w*|LWS|BUIK|POLS|ELLEBOOG|HOFTE"
    # Polish, Czech, Turkish, Russian
    r"|KOLANO|KOLENO|BARK|RAMENO|DLON|REKA|RUKA|STOPA|NOHA|MIEDNICA|PANEV|BRZUCH|BRICHO|CZASZKA|LEBKA"
    r"|KREGOSLUP|PATER|DIZ|EL|AYAK|OMUZ|KALCA|KAFA|BATIN|КОЛЕН\w*|КИСТ\w*|СТОП\w*|ПЛЕЧ\w*|ТАЗ\w*"
    r"|ЧЕРЕП\w*|ЖИВОТ\w*|БРЮШН\w*)\b"
    r"|腹|頭|膝|骨盤|手|足|肩"
)
_LETTERS = str.maketrans({"Ł": "L", "Ø": "O", "ẞ": "SS", "ß": "SS"})  # no accents to Unicode
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
    decomposed = unicodedata.normalize("NFKD", text.upper().translate(_LETTERS))
    bare = "".join(each for each in decomposed if not unicodedata.combining(each))
    return " ".join(re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", bare)).split())


def subject(text: str) -> Subject | None:
    """Return what body part a phrase names: the chest, if it is among several; None if it names none."""
    words = plain(text)
    without_spine = _SPINE.sub(" SPINE ", words)
    if _CHEST.search(without_spine):
        return Subject.CHEST
    return Subject.OTHER if _OTHER.search(without_spine) else None


def body_part(value: str) -> Subject | None:
    """Return what a tag that holds a body part and nothing else names; None where the word is unknown."""
    found = subject(value)
    return Subject.OTHER if found is None and _OTHER_PARTS.search(plain(value)) else found


def other_word(text: str) -> str:
    """Return the word by which a description names another body part than the chest, empty if none."""
    found = _SPINE.search(plain(text)) or _OTHER.search(plain(text))
    return found.group() if found else ""


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
