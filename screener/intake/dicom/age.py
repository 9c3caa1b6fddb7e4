"""A patient's age as machines and people write it."""

import re
import unicodedata

OLDEST = 130  # years

# An age without a unit is in years. J is left out: Jahre to some, jours to others.
_UNITS = {
    unit: letter
    for letter, units in {
        "Y": "|Y|YR|YRS|YEAR|YEARS|YO|YOLD|YEAROLD|YEARSOLD|A|AN|ANS|ANNEE|ANNEES|ANO|ANOS|ANNO|ANNI"
        "|JAHR|JAHRE|JAAR|LAT|LATA|ROK|AAR|ЛЕТ|ГОД|ГОДА|歳|才|岁|歲",
        "M": "M|MO|MOS|MTH|MTHS|MON|MONTH|MONTHS|MOIS|MES|MESES|MESE|MESI|MONAT|MONATE|MAAND|MAANDEN"
        "|MIESIAC|MIESIACE|MIESIECY",
        "W": "W|WK|WKS|WEEK|WEEKS|WOCHE|WOCHEN|SEMAINE|SEMAINES|SEMANA|SEMANAS|SETTIMANA|SETTIMANE"
        "|WEKEN|TYDZIEN|TYGODNIE|TYGODNI",
        "D": "D|DAY|DAYS|TAG|TAGE|JOUR|JOURS|DIA|DIAS|GIORNO|GIORNI|DAG|DAGEN|DZIEN|DNI",
    }.items()
    for unit in units.split("|")
}
_NUMBER = r"0*(?P<number>[0-9]{1,3})([.,][0-9]*)?"
_AGE = re.compile(rf"{_NUMBER} ?(?P<unit>[^\W\d_]*)")
_UNIT_FIRST = re.compile(rf"(?P<unit>[YMWD]) ?{_NUMBER}")
_YEARS_AND_MONTHS = re.compile(rf"{_NUMBER} ?(?P<unit>Y) ?0*(?P<months>[0-9]|1[01]) ?M")


def age_of(written: str) -> str | None:
    """Return an age such as "046Y" (PS3.5 6.2, AS) for "46", "46 años", "Y046" or "46Y6M".

    Empty for more years than anybody lives, None for what is no age, or one that may mean two.
    """
    folded = _folded(written)
    match = _AGE.fullmatch(folded) or _UNIT_FIRST.fullmatch(folded) or _YEARS_AND_MONTHS.fullmatch(folded)
    if match is None or match["unit"] not in _UNITS:
        return None
    number, unit = int(match["number"]), _UNITS[match["unit"]]
    if unit == "Y" and number > OLDEST:
        return ""
    months = match.groupdict().get("months")
    if months and not number:
        return f"{int(months):03d}M"
    return f"{number:03d}{unit}"


def _folded(written: str) -> str:
    """Return it in upper case without accents, its words in one: "6 y. old." becomes "6 YOLD"."""
    decomposed = unicodedata.normalize("NFD", written.upper().replace("Å", "AA").replace("Ł", "L"))
    bare = "".join(each for each in decomposed if not unicodedata.combining(each))
    return re.sub(r"(?<=[^\W\d_])[ .]+(?=[^\W\d_]|$)", "", " ".join(bare.split()))
