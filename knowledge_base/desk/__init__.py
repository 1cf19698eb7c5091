"""The desk as data: records, agreements, case files, and the work beside tickets."""

from pathlib import Path

HERE = Path(__file__).parent
