"""Run the command line by 'python -m screener'."""

from screener.cli import main

if __name__ == "__main__":
    main()
