"""What a real kernel does to a policy's calls, beside what was predicted.

The kernel model is checked against recorded answers and emulated machines. A host that somebody will ship on has other
CPUs, firmware and patches, and so its owner can let a guest of six instructions make the calls there. The VMM that they
ship is asked by a guest that it boots itself: ``image`` is what it boots, and ``log`` what that prints.
"""
