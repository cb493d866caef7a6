"""The artefacts, one module each: it emits bytes, and reads them back with a decoder that shares nothing with it."""
