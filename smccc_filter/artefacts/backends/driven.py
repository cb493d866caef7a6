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
    "c entries vmm": "1816e9ed9c1d74998b34b092dcddffa9a8b9d08afa76a56a266934787d17e272",
    "c entries vmm handlers": "fca8749cfb037a2c895b383e36db7262575ff0b3045c3e6913a8d72b6c37897a",
    "c entries vmm handlers entropy": "30974396ffb3072d91b8c858e15d7a93a1dfde945a5730ccf06c16f5e851fad2",
    "c entries registers vmm": "04b81bcd1e6e69389237fb8b667338921e459bb9365767f4a2267a69fc69422e",
    "c entries registers vmm handlers": "389153afaf055ccfcf332c55b987b71283596800aa5f856b2baed768c549c2ca",
    "c entries registers vmm handlers entropy": "2877522bce4b1ccae59fb92cf3bd1418b89057397f9d083e121a2ea3e880341a",
    "rust entries vmm": "45cd607ee736be219ab1e1f3272e87eea258b809fc50131a8c51bfda79109706",
    "rust entries vmm handlers": "066eca5f1cecf445dd6e9e047c5f4e2d3284d2106572ddc3f752767eee93a981",
    "rust entries vmm handlers entropy": "a00fe289804f779b8c250120b241f27a6ed541d86efbb74c557d2699cb9a8479",
}
