"""What a guest discovers under a policy, and whether it is the truth.

``setup`` makes the VM that a policy asks of one kernel; ``discovery`` asks its every discovery call about everything
that it can be asked about; ``linux`` walks discovery as a Linux guest does, to what its boot log will say.
"""
