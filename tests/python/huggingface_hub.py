"""Repositories are folders under FACET_FIXTURES (tests/); a pattern has to match what is asked for."""

import fnmatch
import os
from pathlib import Path


def snapshot_download(repo, revision, allow_patterns, endpoint=None):
    root = Path(os.environ["FACET_FIXTURES"]) / repo
    files = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
    if not any(fnmatch.fnmatch(file, pattern) for file in files for pattern in allow_patterns):
        raise FileNotFoundError(f"{allow_patterns} match nothing in {root}")
    return str(root)
