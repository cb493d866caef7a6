"""Rust around generated modules: a handler for every call, written from the facts."""

from tests.artefacts.backends.vmm_c import is_wide
from tests.artefacts.backends.vmm_oracle import HandlerFact


def handler(fact: HandlerFact) -> str:
    """Write a method that tells its arguments and leaves what is given, with the types that the facts ask for."""
    if fact.fact is None:
        return (
            f"    fn {fact.name}(&mut self, x: &[u64; 18], results: &mut [u64; 4]) {{\n"
            f'        self.tell("{fact.name}", x);\n'
            "        *results = self.out;\n"
            "        results[0] = self.status as u64;\n    }\n"
        )
    arguments, outputs = fact.arguments(), fact.outputs()
    parameters = [f"a{i}: {'u64' if is_wide(value) else 'u32'}" for i, value in enumerate(arguments)]
    parameters += [f"o{value['register'][1:]}: &mut u64" for value in outputs]
    parameters += ["entropy: &mut [u8; 24]"] if fact.is_entropy else []
    told = ", ".join(f"u64::from(a{i})" for i in range(len(arguments)))
    body = f'        self.tell("{fact.name}", &[{told}]);\n'
    body += "".join(f"        *o{value['register'][1:]} = self.out[{value['register'][1:]}];\n" for value in outputs)
    body += "        *entropy = self.entropy;\n" if fact.is_entropy else ""
    body += "" if fact.returns_nothing else "        self.status\n"
    result = "" if fact.returns_nothing else " -> i64"
    return f"    fn {fact.name}({', '.join(['&mut self', *parameters])}){result} {{\n{body}    }}\n"
