"""Chatwoot: our bot as its agent bot, its agents as our operators; optional."""
