"""Write, check and ship the policy of which SMCCC calls KVM/arm64 answers, denies or forwards to the VMM.

Start reading at ``analysis.pipeline``: it tells the whole story on one page.
"""

from smccc_filter.version import __version__

__all__ = ["__version__"]
