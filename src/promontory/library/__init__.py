"""What `import promontory as pm` and the command line do with a file or with data in memory.

score(answers, by=…)                  a score with base and interval
compare(a, b)                         is the difference real?
explain_change(before, after, by=…)   within segments, or by the mix?
plan(half_width=…)                    how many answers are needed?
"""

from promontory.library.comparing import compare
from promontory.library.explaining import explain_change
from promontory.library.planning import plan
from promontory.library.request import Options
from promontory.library.scoring import score

__all__ = ["Options", "compare", "explain_change", "plan", "score"]
