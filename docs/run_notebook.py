"""Run docs/notebook.ipynb from its first cell and write it with what it shows: python docs/run_notebook.py.

It needs the extras `train` (pandas, matplotlib) and `notebook`. Run it whenever the shipped model or the
Python interface has changed.
"""

from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
NOTEBOOK = HERE / "notebook.ipynb"


def main() -> None:
    """Write the notebook anew, without what differs from machine to machine."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": HERE.parent}}).execute()
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        cell.metadata.clear()
        if cell.cell_type == "code":  # warnings of native code are of this machine
            cell.outputs = [each for each in cell.outputs if each.get("name") != "stderr"]
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    nbformat.write(notebook, NOTEBOOK)


if __name__ == "__main__":
    main()
