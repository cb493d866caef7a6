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
    "c entries vmm": "ff9f5245e764b30fdedf3d46e39afbb20d379ad42c5f2084eebf1a1e12f37a5a",
    "c entries vmm handlers": "2def6ca217b686b2184132b99cc6c7d3ef09b77775e6bc09c18ecc090aa66659",
    "c entries vmm handlers entropy": "d305c892d4a584cc10b2437238e863620eb19388c6e58d72e3011014ee16e564",
    "c entries registers vmm": "5dd2677722be813ea298b3931181ac54c74e05e42ea2132aa2b2245069b9162a",
    "c entries registers vmm handlers": "5a7316b3971f81627134a97f67731a23fc41ec62794c7e2d0c1bd9654ac0f3d3",
    "c entries registers vmm handlers entropy": "d299648a7e3fe46ca1c3ad34abefa94daf4bda4947caeaa774b498d00b092978",
    "rust entries vmm": "45cd607ee736be219ab1e1f3272e87eea258b809fc50131a8c51bfda79109706",
    "rust entries vmm handlers": "066eca5f1cecf445dd6e9e047c5f4e2d3284d2106572ddc3f752767eee93a981",
    "rust entries vmm handlers entropy": "0c601564eba2b46fa8162e8b9d094d135adbd360796fa94640c5193efcd68c60",
}
