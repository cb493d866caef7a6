"""Write, check and ship the policy of which SMCCC calls KVM/arm64 answers, denies or forwards to the VMM.

Start reading at ``pipeline``: it tells the whole story on one page.
"""

__version__ = "0.1.0"
