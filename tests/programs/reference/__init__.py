"""The reference pages of the documents, made of the code: the language, checks, commands, the API, JSON, artefacts."""
