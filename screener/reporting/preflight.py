"""What every command that writes reports checks before its first file."""

from screener.options import OutputOptions
from screener.outputs.atomic import check_writable
from screener.outputs.pseudonyms import NameMask, Pseudonyms, read_key, unmasked
from screener.outputs.report_pdf import check_pdf
from screener.outputs.templating import check_templates
from screener.outputs.worklist_xlsx import check_workbook


def name_mask(options: OutputOptions) -> NameMask:
    """Return how a command's outputs show names; raises as read_key does."""
    return Pseudonyms(read_key(options.pseudonym_key)) if options.pseudonym_key else unmasked


def check_outputs(options: OutputOptions) -> None:
    """Refuse before the first file what would fail after the last."""
    for path in options.written:
        check_writable(path)
    if options.html or options.xlsx:
        check_templates(options.look)
    if options.xlsx:
        check_workbook()
    if options.pdf:
        check_pdf(options.look)
