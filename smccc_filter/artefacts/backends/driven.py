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
    "c entries vmm": "c2d038596ec461a41922d776825e2d43f97d99c6e7cb98ca412496e808da8353",
    "c entries vmm handlers": "c174b8813e0fe78d499d157b48553db4d7f45ce983ee6734e880977de62d9003",
    "c entries vmm handlers entropy": "1d4fa2d76679c29987bb74e09034e11dfed5118dbda5151c98b3ca24c4d5d0c5",
    "c entries registers vmm": "a772158ebda2b068b76646e0e8df7699bed10ddeeb39560ce4370c0594144f8f",
    "c entries registers vmm handlers": "9674a58723c8e0d5bf9ff6a394a15569bc15ed19c9746117321df463eb135f04",
    "c entries registers vmm handlers entropy": "0694e1d5a77fb6bbc3913746c126c2ca7d14d982cd843315960648e7db703fbb",
    "rust entries vmm": "153585dffa049432564b96822e2e8b556db9e69a0f56507841ee547b7da11a65",
    "rust entries vmm handlers": "55a12ea715448028c8953bca427976fe005517a06ed092dba2a6f0269508eb53",
    "rust entries vmm handlers entropy": "cfaefc302ef025273fc7425d9147514d04e5539f624d1261f6c559141bced223",
}
