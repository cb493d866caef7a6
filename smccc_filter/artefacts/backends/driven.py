"""SHA-256 of the text around the tables of C headers and Rust modules that the tests compiled and ran.

Rewritten by ``pytest --update tests/artefacts/backends/test_frame.py``: the tests beside it then drive the new text.
"""

DRIVEN = {
    "c": "832b03b41ec4a875dbb570a0b062d35d852daef547709a850a64f0e4c5a9bb2d",
    "c entries": "041753d3456797b92e7f03bb0380af11d1483c1f275e6b2e3c7560928e3f6139",
    "c registers": "ae3bf92c12c62a3796cf794cc2d9c02d41fafdb524cd5554f0906a00def0467e",
    "c entries registers": "a16e561dc203d908bb8ff2f4529c73547e67115a479454c1e2e77e7e43f77da5",
    "rust": "2a9d0e1e4ae6efcb06ed61da16e0c691238bf7038f07381b3ebbc282191e80d6",
    "rust entries": "49369b1a58aa611e66ad5c8e12980879d6d2a38546d915c96b006a36d8f9e393",
}
