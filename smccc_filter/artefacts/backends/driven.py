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
    "c entries vmm": "0241b4c6449c96b645ffcc25487f23936a3d2009fa02772209bdcbb3ceb83f2f",
    "c entries vmm handlers": "910ee93394de08b973788ccde0a5adbd3b15d6e3cc7182381faf27f7f9be1d6f",
    "c entries vmm handlers entropy": "ba47085d6c13f602a8fd7b541816a6d22aec5a1f1f2a9db22efc4c2491f24fe3",
    "c entries registers vmm": "3d4dbd6ab442d73444ef9487abc55fbaf6ae03b50b3a270d8b3126a76453452d",
    "c entries registers vmm handlers": "e04c5783abee5cca92d973929554240c2e0b68622e7a600f0fe54769bbff4b6b",
    "c entries registers vmm handlers entropy": "06c64b70b34a858ecfd1c8da58fa998734aeeb00a5f3a6a6308ec28c099444c6",
    "rust entries vmm": "feca91ac1e6d9ba4915bba17303774793ff70c5deed41af8839df509907bb8bc",
    "rust entries vmm handlers": "495bbb2c5473b66aadcafef0dc876b785f13e783825d12c781788e44f2e85b43",
    "rust entries vmm handlers entropy": "86a60c4a35ff1ce6ee7fb11175d2a0954b1dc03407bc5d6b07591a953d961da2",
}
