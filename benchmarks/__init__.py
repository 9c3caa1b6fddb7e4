"""Programs that measure, run from the repository: no part of the package."""
