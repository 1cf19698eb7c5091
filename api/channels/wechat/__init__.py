"""The WeChat official account: passive replies inside five seconds (design: protocol.md)."""
