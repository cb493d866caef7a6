"""SHA-256 of the text around the tables of C headers and Rust modules that the tests compiled and ran.

Rewritten by ``pytest --update tests/artefacts/backends/test_frame.py``: the tests beside it then drive the new text.
"""

DRIVEN = {
    "c": "bc16300286ba68bff034f99c885be49f7ded7da858afe250b6cb0cafead07359",
    "c entries": "2a2812f528d0dc8c99057205ad9e0de9972fb6af1aec5e14ca7b2114f02091d8",
    "c registers": "3e145ea1b76bc0643e6908f27026c7e9abfec31d93121331afbb813e819aee3a",
    "c entries registers": "3a101b4defb823483fbd295e344fa6b1f6dc8e1b15b4c1ce462f161f2e5b09fd",
    "rust": "bdaff5477a95456d0f695a7d63676ba6eb125b71ab043ba33fcdf1a58d5b7c6b",
    "rust entries": "308813038405f39a281535acca5fd2ade44100ceadf15943f0df1657d4a178ed",
}
