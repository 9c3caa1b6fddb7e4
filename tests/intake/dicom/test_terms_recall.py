"""Descriptions as departments write them: no chest is taken for another part, and no spine for a chest."""

import pytest

from screener.intake.dicom.terms import Subject, body_part, subject

_CHESTS = """
Thorax ap Bett|Thorax p.a.|Röntgen Thorax in 2 Ebenen|Rö-Thorax|THORAX STEHEND|Thorax liegend a.p.
Lunge im Liegen
Thorax + BWS|Thorax, Wirbelsäule|Hemithorax links + Rippen|Thoraxübersicht|Thorax WS|BRUSTKORB
RX TORACE|TORACE 2P|Torace AP a letto|RX TORACE + COLONNA DORSALE|TORACE COLONNA|RX COLONNA, TORACE
TÓRAX PA|RX DE TORAX PA Y LATERAL|TÓRAX PORTÁTIL|TORAX DE PIE|Columna lumbar y tórax|TORAX COLUMNA
TÓRAX PA E PERFIL|RX TÓRAX NO LEITO|COLUNA E TÓRAX|Pulmão
RADIOGRAPHIE THORACIQUE|RADIO THORACIQUE, RACHIS LOMBAIRE|THORAX FACE|Poumons face au lit|THORACIQUE RACHIS
KLATKA PIERSIOWA|KLATKA PIERSIOWA P-A|RTG klatki piersiowej|Kręgosłup, klatka piersiowa|Płuca
X-THORAX|X-thorax op bed|Thorax staand PA|Thorax + wervelkolom|Borstkas
CHEST PA|CHEST+DORSAL SPINE|PORTABLE CHEST 1 VIEW|CXR|Ribs and chest|CHEST/ABDOMEN|CHEST AND THORACIC SPINE
TORAKS VERTEBRA|AKCİĞER PA|Органы грудной клетки|Позвоночник, грудная клетка
"""
_UNKNOWN = "PA DE PIE|AP EN PIE|BRUST|HEAD OF BED 30|PORTABLE|AP supine|Côté gauche|Bett"
_SPINES = """
THORACIC SPINE|SPINE, THORACIC|DORSAL SPINE AP|CERVICOTHORACIC|CERVICO-THORACIC JUNCTION|THORACOLUMBAR
THORACIC VERTEBRAE
Brustwirbelsäule|BWS ap|BWS in 2 Ebenen|Thorakale WS|COLONNA TORACICA|COLONNA DORSALE|TORACO-LOMBARE
COLONNE DORSALE
RACHIS THORACIQUE|RACHIS DORSO-LOMBAIRE|COLUMNA TORÁCICA|COLUMNA DORSAL|TORACOLUMBAR|DORSOLUMBAR
COLUNA TORÁCICA
THORACALE WERVELKOLOM|KRĘGOSŁUP PIERSIOWY|Грудной отдел позвоночника|Позвоночник грудной
TORAKAL VERTEBRA
"""
_RIBS = "RIBS|RIB|Rippen links|RIBBEN|GRIL COSTAL|Costillas|Costelas|Żebra"
_OTHERS = "HUEFTE|HÜFTE|SCHAEDEL|SCHÄDEL|FUSSGELENK|FUßGELENK|HALSWIRBELSAEULE|LENDENWIRBELSÄULE|PIE"


def _each(table: str) -> list[str]:
    return [word for line in table.strip().splitlines() for word in line.split("|")]


@pytest.mark.parametrize("words", _each(_CHESTS))
def test_a_chest_is_one_in_every_departments_words(words: str) -> None:
    assert subject(words) is Subject.CHEST


@pytest.mark.parametrize("words", _each(_UNKNOWN))
def test_words_that_may_mean_a_chest_are_left_to_the_picture(words: str) -> None:
    assert subject(words) is None


@pytest.mark.parametrize("words", _each(_SPINES))
def test_a_spine_is_no_chest(words: str) -> None:
    assert body_part(words) is Subject.OTHER


@pytest.mark.parametrize("words", _each(_RIBS))
def test_ribs_are_another_part_in_every_language(words: str) -> None:
    assert subject(words) is Subject.OTHER


@pytest.mark.parametrize("word", _each(_OTHERS))
def test_letters_fold_to_the_plain_ones(word: str) -> None:
    assert body_part(word) is Subject.OTHER
