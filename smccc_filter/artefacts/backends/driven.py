"""SHA-256 of the text around the tables of C headers and Rust modules that the tests compiled and ran.

Rewritten by ``pytest --update tests/artefacts/backends/test_frame.py``: the tests beside it then drive the new text.
"""

DRIVEN = {
    "c": "7a930a99f6b360ff648e7b433b12cd8e4b10732d0a9317e19570eb893e32fd25",
    "c entries": "9548fc8a641e01dd0d11f5d382feee41b433bb5815c0f2fc85b14daf35691fe2",
    "c registers": "667bc9ff2c969ef743bbd5d4d2ac19fea81b5671ac37480be394b7ba7cbc91b5",
    "c entries registers": "b9bff6dc537152774dac702b124f63345a92eb0f8d25f6b6ba2683301a183741",
    "rust": "bdaff5477a95456d0f695a7d63676ba6eb125b71ab043ba33fcdf1a58d5b7c6b",
    "rust entries": "308813038405f39a281535acca5fd2ade44100ceadf15943f0df1657d4a178ed",
}
