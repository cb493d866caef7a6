"""SHA-256 of the text around the tables of C headers and Rust modules that the tests compiled and ran.

Rewritten by ``pytest --update tests/artefacts/backends/test_frame.py``: the tests beside it then drive the new text.
"""

DRIVEN = {
    "c": "edbe83fd054ffeb5b4f5d839aede800d0fe20ab8148a6a2f0628aea9bc0d2263",
    "c entries": "15e0de4fddd1a4a2f6697f9f0e657f1a871d035429cdc2beae0967b73cfcbeb6",
    "c registers": "721205b4c9903f791ee50397783764e682f827f91ab0a9604ed83dc75292ac5e",
    "c entries registers": "475d69ac70e2c78fc602768440180f323d1c1805aa9e0c0e95f96c246a0bffc5",
    "rust": "3ed3716e38d125a2b696af11de6926ac9aee5290c026f50b26a2a3ffb1e954d6",
    "rust entries": "a8fb87ba506c2ee24698a637161ba6f7034084da191d2af02bb18a9d9bf3d970",
}
