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
    "c entries vmm": "af472c4b9b8ee564795be4dbb05807a6982c9fe924c6152e8978d774c40e34cb",
    "c entries vmm handlers": "2732801f8977f2d1a8bed84e47fceb4d3b5432162a29c2844400adaced0cf9bc",
    "c entries vmm handlers entropy": "5c47df8f47dca1defbf759b4bd9c9552668a2b4448286a3ea99861c7885f9469",
    "c entries registers vmm": "83ce408781a8d6b7f02956cceca90a314b221a1134aca20dc9773ea380c94ae0",
    "c entries registers vmm handlers": "3497719feff9749d8371c4baec72590f79cff4d894517ec2881ea06e2f87cc0a",
    "c entries registers vmm handlers entropy": "c2386aafe2fa04aa99101e1e2676e48bcb846acedc24fce8fae1e40a526d8a76",
    "rust entries vmm": "8c210453e3b4c36c125bf26068d541a2989b5f0b34f43e6c5d38f65810b674ea",
    "rust entries vmm handlers": "62081af3e1625007024de68306ee00554c011326ceb84300a8839aa227d398d4",
    "rust entries vmm handlers entropy": "9774b7e1decc73b19ee0e4967cbdb5da1ffe903d25fe6ce888ad72fc031e5f03",
}
