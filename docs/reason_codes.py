"""Write reason-codes.md from the closed list and the message catalogue: python docs/reason_codes.py"""

from pathlib import Path

from screener.outputs.messages import shipped_messages
from screener.reasons import ReasonCode

PAGE = Path(__file__).with_name("reason-codes.md")
_HEAD = """# Reason codes

A reason code tells programs why an image was not screened. It is in the column `reason_code` of the
worklist and of `--files-csv`, in the JSON log, and in the ledger. The list is closed: later versions may
add codes, but never rename one. The words in the column `reason` may be translated. They are in
`templates/messages.toml`, under `[reason.CODE]`, with advice on what to do.

This page is written by `python docs/reason_codes.py`.

| code | words | what to do |
|---|---|---|
"""


def page() -> str:
    """Return the page as it should be."""
    messages = shipped_messages()
    rows = []
    for code in ReasonCode:
        text = messages.texts.get(
            f"reason.{code}.text", "as an older version of Screener wrote it in the ledger"
        )
        rows.append(f"| `{code}` | {text} | {messages.advice([code])} |\n")
    return _HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
