"""WeCom: mediators move their tickets from the telephone in their pocket (protocol.md: CorpID encryption)."""
