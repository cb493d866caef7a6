"""SHA-256 of the text around the tables of C headers and Rust modules that the tests compiled and ran.

Rewritten by ``pytest --update tests/artefacts/backends/test_frame.py``: the tests beside it then drive the new text.
"""

DRIVEN = {
    "c": "7a930a99f6b360ff648e7b433b12cd8e4b10732d0a9317e19570eb893e32fd25",
    "c entries": "6ae642ab087b9982ed64d146143df0ceee99c4a7de07832c76a3e31f1877b4e3",
    "c registers": "c9a76a893575b54cb54a6c544062bc176bfe595d794935ddf6babfede4f7ecd7",
    "c entries registers": "db38bf14f3e7eb197d776ad98d3c2c14ac9342c634aa91f57fe3e2bb1a92780f",
    "rust": "bdaff5477a95456d0f695a7d63676ba6eb125b71ab043ba33fcdf1a58d5b7c6b",
    "rust entries": "308813038405f39a281535acca5fd2ade44100ceadf15943f0df1657d4a178ed",
}
